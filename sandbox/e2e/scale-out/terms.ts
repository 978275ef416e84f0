import type { Cluster } from './cluster.ts'
import type { Replica } from './replica.ts'

const LEADS = 'This process drives the pods now'
const LEASE = 'reconcile'

/** The time during which one replica drove the pods, by its own log. */
export interface LeaderTerm {
  readonly index: number
  readonly holder: string
  readonly fence: number
  readonly at: number
}

/** In the order in which they began. */
export function listTerms({ replicas }: Pick<Cluster, 'replicas'>): readonly LeaderTerm[] {
  return replicas
    .flatMap(({ index, lines }) =>
      lines
        .filter(({ msg }) => msg === LEADS)
        .map(({ time, holder, fence }) => ({
          index,
          holder: String(holder),
          fence: Number(fence),
          at: Date.parse(time),
        })),
    )
    .toSorted((a, b) => a.at - b.at)
}

/** Whoever holds the lease right now, if that has said so. */
export async function findLeader(cluster: Cluster): Promise<{ replica: Replica; fence: number } | undefined> {
  const { rows } = await cluster.database.query<{ holder: string; fence: string }>(
    'SELECT holder, fence FROM devloop.lease WHERE name = $1 AND expires_at > $2',
    [LEASE, Date.now()],
  )
  const [lease] = rows
  const term = listTerms(cluster).findLast(({ holder }) => holder === lease?.holder)
  const replica = cluster.replicas.find(({ index }) => index === term?.index)
  return replica === undefined || lease === undefined ? undefined : { replica, fence: Number(lease.fence) }
}

/** What somebody did at the provider while another led, and fences that two had at once. */
export function listUsurpations(cluster: Cluster): readonly string[] {
  const terms = listTerms(cluster)
  const found: string[] = []
  for (const [fence, same] of Map.groupBy(terms, (term) => term.fence))
    if (new Set(same.map(({ holder }) => holder)).size > 1) found.push(`fence ${fence} was held by ${same.length}`)
  for (const [index, relay] of cluster.runpod.entries()) {
    for (const { method, path, at } of relay.calls) {
      const leader = terms.findLast((term) => term.at <= at)
      if (leader !== undefined && leader.index !== index)
        found.push(`replica ${index} sent ${method} ${path} while replica ${leader.index} led`)
    }
  }
  return found
}
