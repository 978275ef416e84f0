import { isCodedError } from '../ports/errors.ts'
import type { RepositoryRef } from '../ports/github.ts'
import type { QueueMessage, Worker } from '../ports/queue.ts'
import { evaluateGroup } from './governance-group.ts'
import type { GovernanceParts } from './governance-parts.ts'
import { evaluatePullRequest } from './governance-pull-request.ts'
import { type GovernanceTarget, governanceMessage, parseGovernanceMessage } from './governance-target.ts'

/**
 * Works the queue `governance`: each message names what to look at, and the world as it is then decides. So a message that comes twice,
 * late or out of order leads to the same check.
 */
export function createGovernanceWorker(parts: GovernanceParts): Worker {
  async function giveUp(message: QueueMessage, error: unknown): Promise<void> {
    parts.log.error(
      { target: message.key, error: String(error) },
      'a governance evaluation was given up; reconcile tries again',
    )
  }
  return {
    concurrency: 4,
    retryLimit: 6,
    expireMs: 300_000,
    async run(message) {
      try {
        await evaluateTarget(parts, parseGovernanceMessage(message))
      } catch (error) {
        // An installation that is gone does not come back within a minute.
        if (!isCodedError(error) || error.owner === 'retry') throw error
        await giveUp(message, error)
      }
    },
    onDead: giveUp,
  }
}

async function evaluateTarget(parts: GovernanceParts, target: GovernanceTarget): Promise<void> {
  const ref: RepositoryRef = { installationId: target.installationId, name: target.name }
  switch (target.kind) {
    case 'pull-request':
      await evaluatePullRequest(parts, ref, target.number)
      return
    case 'group':
      await evaluateGroup(parts, ref, target)
      return
    case 'head': {
      const found = await parts.github.repository(ref).pullRequests.listByHead(target.headSha)
      return spread(parts, ref, found)
    }
    case 'base': {
      const open = await parts.github.repository(ref).pullRequests.listOpen()
      return spread(
        parts,
        ref,
        open.items.filter(({ baseRef }) => baseRef === target.branch),
      )
    }
  }
}

async function spread(
  { queue }: GovernanceParts,
  ref: RepositoryRef,
  pullRequests: readonly { readonly number: number }[],
): Promise<void> {
  for (const { number } of pullRequests)
    await queue.send('governance', governanceMessage({ kind: 'pull-request', ...ref, number }), { coalesce: true })
}
