import { z } from 'zod'
import { commitSha } from '../../ports/ids.ts'

// What webhooks told and no call can tell later, as it lies in the store.

export const pullRequestEvents = z.object({
  pushers: z.array(z.object({ login: z.string(), type: z.enum(['User', 'Bot', 'Organization']) })),
  /** Heads with the time at which they came, newest first. */
  heads: z.array(z.object({ sha: commitSha, at: z.number() })),
  /** Where the latest event said it stands; null when it is closed or nobody said. Events come late and the wrong way round: good for a guess, never for a verdict. */
  place: z.object({ headSha: commitSha, baseRef: z.string(), at: z.number() }).nullable().default(null),
})
export type PullRequestEvents = z.output<typeof pullRequestEvents>

export const pushesFact = z.array(
  z.object({
    sha: z.string(),
    branch: z.string(),
    pushedBy: z.string().nullable(),
    pushedAt: z.string(),
    tasks: z.array(z.string()),
  }),
)

export const shaList = z.array(z.string())
