import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { startCluster } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import { ask, createKey, logIn, revokeKey } from './visitor.ts'

/** What a replica has read of a key it may believe for this long. */
const STATED_MS = 5_000
/** For a machine that has other things to do. */
const LIMIT_MS = STATED_MS * 2

/** A key that was made beside the replicas is good at each at once, and good at none soon after it was revoked. */
export async function lookAtKeys(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const cluster = await startCluster({ ...effort, broken })
  try {
    const [first] = cluster.replicas
    if (first === undefined) throw new RangeError('a cluster has replicas')
    const everywhere = async (look: (replica: { url: string | null }) => Promise<Response>) =>
      (await Promise.all(cluster.replicas.map(async (replica) => look(replica)))).map(({ status }) => status)
    const isOpen = (cookie: string) => (replica: { url: string | null }) =>
      fetch(`${replica.url}/dashboard`, { headers: { cookie }, redirect: 'manual' })

    // Every replica has read the keys a moment before the next one is made.
    const earlier = await createKey(cluster, 'earlier')
    await everywhere(isOpen(await logIn(first, earlier.key)))
    const made = await createKey(cluster, 'later')
    const atOnce = await everywhere((replica) => ask({ url: String(replica.url) }, made.key, '/status'))
    const session = await logIn(first, made.key)
    const signedIn = await everywhere(isOpen(session))

    await everywhere((replica) => ask({ url: String(replica.url) }, made.key, '/status'))
    await revokeKey(cluster, made.id)
    const revokedAt = performance.now()
    const isGone = async () => {
      const answers = await everywhere((replica) => ask({ url: String(replica.url) }, made.key, '/status'))
      const pages = await everywhere(isOpen(session))
      return answers.every((status) => status === 401) && pages.every((status) => status === 303)
    }
    const isRevoked = await until('the end of the key everywhere', isGone, LIMIT_MS).catch(() => false)
    const goneMs = Math.round(performance.now() - revokedAt)
    return {
      figures: {
        'good at once at': `${atOnce.filter((status) => status === 200).length} of ${atOnce.length}`,
        'its session at': `${signedIn.filter((status) => status === 200).length} of ${signedIn.length}`,
        'revoked everywhere after ms': isRevoked ? goneMs : 'never',
        'stated ms': STATED_MS,
      },
      faults: [
        ...(atOnce.every((status) => status === 200) ? [] : [`a fresh key was answered with ${atOnce.join(', ')}`]),
        ...(signedIn.every((status) => status === 200) ? [] : [`its session was answered with ${signedIn.join(', ')}`]),
        ...(isRevoked ? [] : [`a revoked key was still good after ${LIMIT_MS / 1_000} s`]),
      ],
    }
  } finally {
    await cluster.stop()
  }
}
