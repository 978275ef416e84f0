import { z } from 'zod'
import { commitSha, installationId, repositoryName } from '../ports/ids.ts'
import type { QueueMessage } from '../ports/queue.ts'

const repository = { installationId, name: repositoryName }

const target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('pull-request'), ...repository, number: z.int().positive() }),
  /** Every open pull request with this head. */
  z.object({ kind: z.literal('head'), ...repository, headSha: commitSha }),
  /** Every open pull request that aims at this branch. */
  z.object({ kind: z.literal('base'), ...repository, branch: z.string() }),
  z.object({
    kind: z.literal('group'),
    ...repository,
    headSha: commitSha,
    headRef: z.string(),
    baseSha: commitSha,
    baseRef: z.string(),
  }),
])

/** What governance looks at next. */
export type GovernanceTarget = z.output<typeof target>

/** The message that asks for it. Messages of one target coalesce, since an evaluation looks at the world as it is then. */
export function governanceMessage(wanted: GovernanceTarget): QueueMessage {
  return { subject: JSON.stringify(wanted), key: keyOf(wanted) }
}

export function parseGovernanceMessage(message: QueueMessage): GovernanceTarget {
  return target.parse(JSON.parse(message.subject))
}

function keyOf(wanted: GovernanceTarget): string {
  switch (wanted.kind) {
    case 'pull-request':
      return `pr:${wanted.name}#${wanted.number}`
    case 'head':
      return `head:${wanted.name}@${wanted.headSha}`
    case 'base':
      return `base:${wanted.name}:${wanted.branch}`
    case 'group':
      return `group:${wanted.name}@${wanted.headSha}`
  }
}
