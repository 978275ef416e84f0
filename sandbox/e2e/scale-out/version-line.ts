import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../__support__/until.ts'
import type { BreakName } from './broken.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { countEffects, faultOf } from './effects.ts'
import type { Effort, Finding } from './line.ts'
import { NEXT_VERSION, type NextKind } from './next-migration.ts'
import type { Replica } from './replica.ts'
import { settled } from './settled.ts'
import { prepareTraffic } from './traffic.ts'

const CHANGES = 3
const NEXT = new URL('./next-version.ts', import.meta.url)
const SERVED_WITHIN_MS = 10_000

/** Two replicas of this version are at work when one of the next starts and changes the schema under them. */
export async function lookAtTwoVersions(effort: Effort, kind: NextKind): Promise<Finding> {
  const guids = new Set<string>()
  const loses = ({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }) => {
    guids.add(String(headers['x-github-delivery']))
    return undefined
  }
  const cluster = await startCluster({ ...effort, running: 2, balancer: { loses } })
  try {
    const [, , next] = cluster.replicas
    const traffic = await prepareTraffic(cluster, CHANGES)
    const running = traffic.run(effort.seconds / 2, effort.perSecond)
    await sleep((effort.seconds * 1_000) / 6)
    if (next !== undefined) await startAs(next, kind)
    await running
    await traffic.run(effort.seconds / 2, effort.perSecond)
    await settledOrNot(cluster)
    const effects = await countEffects(cluster, traffic, guids).catch(unreadable(guids.size))
    const { rows } = await cluster.database.query('SELECT max(version) AS version FROM devloop.migration')
    const complaints = cluster.replicas.flatMap(({ lines }) => lines.filter(({ level }) => level !== 'info'))
    return {
      figures: {
        schema: `${NEXT_VERSION - 1} -> ${rows[0]?.version}`,
        deliveries: effects.sent,
        'per replica': cluster.balancer.served.join(' / '),
        'commands answered': effects.replies,
        'checks written': effects.checks,
        lost: effects.lost.length,
        twice: effects.twice.length,
        'warnings and errors': complaints.length,
      },
      faults: [
        ...faultOf('lost', effects.lost),
        ...faultOf('done twice', effects.twice),
        ...faultOf(
          'warnings and errors',
          complaints.map(({ msg }) => msg),
        ),
        ...(Number(rows[0]?.version) === NEXT_VERSION ? [] : ['the next version did not change the schema']),
        ...(cluster.balancer.served.filter((count) => count > 0).length === 3 ? [] : ['a replica was never asked']),
      ],
    }
  } finally {
    await cluster.stop()
  }
}

/** A replica of this version meets the schema that a newer one has left. */
export async function lookAtOlderStart(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const faults: string[] = []
  const beside = await startAfter(effort, 'expanding', broken)
  if (beside.problem !== null) faults.push(`a schema that this version can read was refused: ${beside.problem}`)
  const alone = await startAfter(effort, 'for itself alone', broken)
  if (alone.problem === null) faults.push('it started on a schema that only a newer version can read')
  else if (alone.code !== 3 || alone.sentences.length !== 1)
    faults.push(`it ended with ${alone.code}: ${alone.problem}`)
  return {
    figures: {
      'readable schema': beside.problem === null ? 'starts and serves' : 'refused',
      'newer schema': alone.problem === null ? 'starts' : (alone.sentences[0] ?? '-'),
      'exit code': alone.code ?? '-',
    },
    faults,
  }
}

interface OlderStart {
  readonly problem: string | null
  readonly code: number | null
  readonly sentences: readonly string[]
}

async function startAfter(effort: Effort, kind: NextKind, broken: readonly BreakName[]): Promise<OlderStart> {
  const cluster = await startCluster({ ...effort, broken, running: 0 })
  try {
    const [older, next] = cluster.replicas
    if (older === undefined || next === undefined) throw new RangeError('a cluster has replicas')
    await startAs(next, kind)
    const problem = await older.start().then(
      () => null,
      (error: Error) => error.message,
    )
    if (problem !== null) return { problem, code: await older.ended, sentences: [...older.sentences] }
    await until('an answer', async () => (await fetch(`${older.url}/readyz`)).ok, SERVED_WITHIN_MS)
    return { problem, code: null, sentences: [] }
  } finally {
    await cluster.stop()
  }
}

/** All replicas meet an empty database at the same moment, again and again. */
export async function lookAtEmptyDatabase(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const rounds = effort.quick ? 1 : 5
  const faults: string[] = []
  let starts = 0
  for (let round = 0; round < rounds && faults.length === 0; round++) {
    const cluster = await startCluster({ ...effort, broken, running: 0 })
    try {
      const ends = await startTogether(cluster)
      starts += ends.length
      for (const end of ends) if (end.status === 'rejected') faults.push(String(end.reason.message))
      const { rows } = await cluster.database.query('SELECT version FROM devloop.migration ORDER BY version')
      const versions = rows.map(({ version }) => Number(version))
      if (versions.join() !== Array.from({ length: NEXT_VERSION - 1 }, (_, index) => index + 1).join())
        faults.push(`the steps that were taken are ${versions.join(', ')}`)
    } finally {
      await cluster.stop()
    }
  }
  return { figures: { rounds, starts, failed: faults.length }, faults }
}

/** Holds the name of the schema until every replica waits for it, and lets it go: all go on in the same moment. */
async function startTogether({ database, replicas }: Cluster) {
  await database.query('BEGIN')
  await database.query('CREATE SCHEMA devloop')
  const ends = Promise.allSettled(replicas.map((replica) => replica.start()))
  const waiting = async () => {
    // Within a transaction the view stays as it was first seen.
    await database.query('SELECT pg_stat_clear_snapshot()')
    const { rows } = await database.query(
      `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    )
    return rows.length === replicas.length
  }
  try {
    await until('all replicas to wait', waiting)
  } finally {
    await database.query('ROLLBACK')
  }
  return ends
}

async function startAs(replica: Replica, kind: NextKind): Promise<void> {
  const { variables, preloads } = replica.order
  await replica.start({ preloads: [...preloads, NEXT], variables: { ...variables, SCALE_OUT_NEXT: kind } })
}

/** Where nothing can be read any more, nothing settles. */
async function settledOrNot(cluster: Cluster): Promise<void> {
  await settled(cluster, 20_000).catch(() => {})
}

function unreadable(sent: number) {
  return (error: Error) => ({ sent, lost: [`everything (${error.message})`], twice: [], replies: 0, checks: 0 })
}
