import type { ResolvedConfig } from '../config/resolved-config.ts'
import type { RuleId } from '../config/rule-ids.ts'
import type { Trigger } from './rule.ts'
import { RULES } from './rules/index.ts'

/** What each GitHub event may change for an open pull request. An event and action that is not here changes nothing any rule reads. */
const TRIGGERS: Readonly<Record<string, readonly Trigger[]>> = {
  'pull_request.opened': ['head'],
  'pull_request.reopened': ['head'],
  'pull_request.synchronize': ['head'],
  'pull_request.ready_for_review': ['head'],
  'pull_request.edited': ['body', 'target'],
  'pull_request.closed': ['open', 'merged'],
  'pull_request_review.submitted': ['reviews'],
  'pull_request_review.dismissed': ['reviews'],
  'check_run.created': ['checks'],
  'check_run.completed': ['checks'],
  'check_run.rerequested': ['head'],
  'check_run.requested_action': ['head'],
  'check_suite.completed': ['checks'],
  'check_suite.rerequested': ['head'],
  'merge_group.checks_requested': ['head'],
  status: ['checks'],
  push: ['base', 'direct-push', 'merged'],
  schedule: ['clock'],
}

/** The enabled rules that read what this event changes. None: nothing needs to be asked of GitHub. */
export function rulesReading(
  event: { readonly name: string; readonly action?: string | undefined },
  config: ResolvedConfig,
): readonly RuleId[] {
  const triggers =
    TRIGGERS[event.action === undefined ? event.name : `${event.name}.${event.action}`] ?? TRIGGERS[event.name] ?? []
  return RULES.filter(
    (rule) => config.governance.rules[rule.id] !== 'off' && rule.reads.some((trigger) => triggers.includes(trigger)),
  ).map((rule) => rule.id)
}
