import { RULE_IDS } from '../../config/rule-ids.ts'
import { governanceMessage } from '../../jobs/governance-target.ts'
import { readPolicyInForce } from '../../jobs/snapshot/policy-in-force.ts'
import { authorize } from '../commands/authorize.ts'
import { jobIdOf } from '../commands/job-id.ts'
import type { DispatchParts } from './dispatch.ts'
import type { Intent } from './intent.ts'
import { createReviewJob } from './review-job-wish.ts'

type CheckAction = Extract<Intent, { kind: 'check-action' }>

/** A button on one of our check runs: judge again, or waive a rule for this head. */
export async function pressButton(parts: DispatchParts, intent: CheckAction): Promise<void> {
  const { repository, headSha, action, checkName } = intent
  if (checkName === 'devloop/review') return reviewAgain(parts, intent)
  const rule = RULE_IDS.find((id) => id === action)
  if (rule !== undefined) await waive(parts, intent, rule)
  const target = { kind: 'head', ...repository, headSha } as const
  await parts.queue.send('governance', governanceMessage(target), { coalesce: true })
}

/** "Re-run" on the review: the same as the command, for who may spend. */
async function reviewAgain(parts: DispatchParts, { repository, headSha, sender }: CheckAction): Promise<void> {
  const github = parts.github.repository({ installationId: repository.installationId, name: repository.name })
  for (const pullRequest of await github.pullRequests.listByHead(headSha)) {
    const base = { ref: pullRequest.baseRef, branch: pullRequest.baseRef }
    const { config } = await readPolicyInForce(github, parts.store.facts, base)
    const authorization = await authorize('review', sender, github.access, config.access)
    if (!authorization.allowed) {
      await github.comments.create(pullRequest.number, `@${sender.login} ${authorization.message}`)
      continue
    }
    const minute = Math.floor(parts.clock.now() / 60_000)
    await createReviewJob(parts, {
      pullRequest,
      repository,
      config,
      requestedBy: sender.login,
      request: { trigger: 'command', boundTo: headSha },
      // Pressing twice, or a delivery that comes twice, is one wish.
      id: jobIdOf(`${repository.name}#${pullRequest.number} again ${headSha} ${minute}`, minute * 60_000),
    })
  }
}

async function waive(parts: DispatchParts, intent: CheckAction, rule: string): Promise<void> {
  const { repository, headSha, sender } = intent
  const github = parts.github.repository({ installationId: repository.installationId, name: repository.name })
  for (const pullRequest of await github.pullRequests.listByHead(headSha)) {
    const base = { ref: pullRequest.baseRef, branch: pullRequest.baseRef }
    const { config } = await readPolicyInForce(github, parts.store.facts, base)
    const authorization = await authorize('override', sender, github.access, config.access)
    if (!authorization.allowed) {
      await github.comments.create(pullRequest.number, `@${sender.login} ${authorization.message}`)
      continue
    }
    await parts.store.governance.addWaiver({
      repository: repository.name,
      pullRequest: pullRequest.number,
      headSha,
      rule,
      by: sender.login,
      reason: 'waived by the button of the check run',
      at: parts.clock.now(),
    })
  }
}
