import { z } from 'zod'
import { nearest } from '../../config/nearest.ts'
import { RULE_IDS } from '../../config/rule-ids.ts'
import { governanceMessage } from '../../jobs/governance-target.ts'
import { factKeys } from '../../jobs/snapshot/fact-keys.ts'
import type { Command } from './command.ts'
import type { CommandEnd, Context } from './heard.ts'
import { renderHelp } from './help-text.ts'
import type { CommandParts } from './parts.ts'
import { startJob } from './start-job.ts'
import { isOpenJob, renderStatus } from './status-text.ts'

/** Does what one command of an authorised person says. */
export async function carryOut(
  parts: CommandParts,
  context: Context,
  command: Command,
  index: number,
): Promise<CommandEnd> {
  const { store } = parts
  const { repository, number } = context
  switch (command.name) {
    case 'review':
    case 'ask':
    case 'infer':
      return startJob(parts, context, command, index)
    case 'help':
      return { kind: 'done', reply: renderHelp() }
    case 'pause':
      await store.facts.set(factKeys.paused(repository.name, number), { by: context.comment.author.login })
      return { kind: 'done', reply: null }
    case 'resume':
      await store.facts.delete(factKeys.paused(repository.name, number))
      return { kind: 'done', reply: null }
    case 'check':
      await evaluateSoon(parts, context)
      return { kind: 'done', reply: null }
    case 'status': {
      const jobs = await store.jobs.list({ repository: repository.name, pullRequest: number }, 10)
      const paused = (await store.facts.get(factKeys.paused(repository.name, number))) !== undefined
      return { kind: 'done', reply: renderStatus(jobs, paused, parts.clock.now(), parts.jobUrl) }
    }
    case 'cancel':
      return { kind: 'done', reply: `${await cancelJobs(parts, context)}.` }
    case 'stop':
      return { kind: 'done', reply: `${await cancelJobs(parts, context)}. ${await parts.releaseIdlePods()}` }
    case 'override':
      return override(parts, context, command.rule, command.reason)
    case 'dismiss':
      return dismiss(parts, context, command.finding, command.reason ?? 'no reason given')
  }
}

async function evaluateSoon({ queue }: CommandParts, { repository, number }: Context): Promise<void> {
  await queue.send('governance', governanceMessage({ kind: 'pull-request', ...repository, number }), { coalesce: true })
}

async function cancelJobs({ store }: CommandParts, { repository, number }: Context): Promise<string> {
  const jobs = (await store.jobs.list({ repository: repository.name, pullRequest: number }, 100)).filter(isOpenJob)
  for (const job of jobs) await store.jobs.requestCancel(job.id)
  if (jobs.length > 0) await store.notify('jobs')
  return jobs.length === 0
    ? 'No job of this pull request is running'
    : `Cancelling ${jobs.length} job${jobs.length === 1 ? '' : 's'}`
}

async function override(parts: CommandParts, context: Context, rule: string, reason: string): Promise<CommandEnd> {
  if (!RULE_IDS.some((id) => id === rule)) {
    const near = nearest(rule.slice(0, 60), RULE_IDS)
    const hint = near === undefined ? 'The check lists them.' : `Did you mean \`${near}\`?`
    return { kind: 'refused', reply: `\`${rule.replaceAll(/[`\p{C}]/gu, '').slice(0, 60)}\` is no rule. ${hint}` }
  }
  await parts.store.governance.addWaiver({
    repository: context.repository.name,
    pullRequest: context.number,
    headSha: context.pullRequest.headSha,
    rule,
    by: context.comment.author.login,
    reason,
    at: parts.clock.now(),
  })
  await evaluateSoon(parts, context)
  return { kind: 'done', reply: null }
}

/** What is stored of a review; a finding's id is its fingerprint. */
const reviewBody = z.object({ shown: z.array(z.object({ id: z.string() })) })

async function dismiss(parts: CommandParts, context: Context, finding: string, reason: string): Promise<CommandEnd> {
  const { repository, number, comment } = context
  const reviews = await parts.store.reviews.list(repository.name, number)
  const findings = reviews.flatMap(({ body }) => reviewBody.safeParse(body).data?.shown ?? [])
  const found = findings.find(({ id }) => id === finding)
  if (found === undefined) {
    const known = [...new Set(findings.map(({ id }) => id))].slice(0, 10)
    const said = finding.replaceAll(/[`\p{C}]/gu, '').slice(0, 60)
    const hint = known.length === 0 ? 'None were posted.' : `Known are ${known.map((id) => `\`${id}\``).join(', ')}.`
    return { kind: 'refused', reply: `\`${said}\` is no finding of this pull request. ${hint}` }
  }
  await parts.store.reviews.dismiss({
    repository: repository.name,
    pullRequest: number,
    fingerprint: found.id,
    by: comment.author.login,
    reason,
    at: parts.clock.now(),
  })
  return { kind: 'done', reply: null }
}
