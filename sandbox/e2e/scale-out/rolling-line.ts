import { setTimeout as sleep } from 'node:timers/promises'
import type { Loss } from './balancer.ts'
import { type Cluster, startCluster } from './cluster.ts'
import { countEffects, faultOf } from './effects.ts'
import type { Effort, Finding } from './line.ts'
import type { HeldRequest } from './pass-on.ts'
import { settled } from './settled.ts'
import { sweepNow } from './sweep.ts'
import { prepareTraffic } from './traffic.ts'

const changesOf = ({ quick }: Effort) => (quick ? 3 : 8)
/** Schedulers kill ten seconds after SIGTERM; the promise is eight. */
const DRAIN_MS = 8_000
/** Of what comes while a replica is away, every so-manieth request or its answer is lost. */
const LOSE_EVERY = 5
/** The pace must be kept to this much, or the figure would name another load. */
const PACE_TOLERANCE = 1.1

/** Each replica in turn gets SIGTERM, ends, and is started again, while events come in and some are lost on the way. */
export async function lookAtRollingRestart(effort: Effort, isSwept: boolean): Promise<Finding> {
  const losses = createLosses()
  const cluster = await startCluster({ ...effort, balancer: { loses: losses.of } })
  try {
    const traffic = await prepareTraffic(cluster, changesOf(effort))
    const startedAt = performance.now()
    const running = traffic.run(effort.seconds, effort.perSecond)
    const drains = await restartAll(cluster, { effort, losses, isSwept })
    await running
    const tookSeconds = (performance.now() - startedAt) / 1_000
    await settled(cluster)
    const effects = await countEffects(cluster, traffic, losses.guids)
    const slowest = Math.max(...drains.map(({ ms }) => ms))
    const badly = drains.filter(({ ms, code }) => ms > DRAIN_MS || code !== 0)
    const redelivered = cluster.world.github.deliveries.filter(({ redelivery }) => redelivery).length
    return {
      figures: {
        'acts per second': Math.round(traffic.acts() / tookSeconds),
        seconds: Math.round(tookSeconds),
        deliveries: effects.sent,
        restarts: drains.length,
        'slowest drain ms': slowest,
        'lost on the way': losses.count('request'),
        'answers lost': losses.count('reply'),
        'asked for again': redelivered,
        'commands answered': effects.replies,
        'checks written': effects.checks,
        lost: effects.lost.length,
        twice: effects.twice.length,
      },
      faults: [
        ...faultOf('lost', effects.lost),
        ...faultOf('done twice', effects.twice),
        ...badly.map(({ ms, code }) => `a replica took ${ms} ms to end, with ${code}`),
        ...(!effort.quick && tookSeconds > effort.seconds * PACE_TOLERANCE
          ? [`this machine kept up only ${Math.round(traffic.acts() / tookSeconds)} acts a second`]
          : []),
        ...(losses.count('request') > 0 && losses.count('reply') > 0
          ? []
          : ['nothing was lost on the way, so nothing was shown']),
        ...cluster.world.github.violations.map(({ message }) => message).slice(0, 3),
      ],
    }
  } finally {
    await cluster.stop()
  }
}

async function restartAll(
  cluster: Cluster,
  { effort, losses, isSwept }: { effort: Effort; losses: ReturnType<typeof createLosses>; isSwept: boolean },
) {
  const drains: { readonly ms: number; readonly code: number | null }[] = []
  const pauseMs = (effort.seconds * 1_000) / (cluster.replicas.length * 3)
  for (const replica of cluster.replicas) {
    await sleep(pauseMs)
    losses.begin()
    drains.push(await replica.drain(DRAIN_MS * 2))
    await replica.start()
    // Long enough that something comes in, however quick the restart was.
    await sleep(pauseMs)
    losses.end()
    if (isSwept) await sweepNow(cluster)
  }
  return drains
}

/** Loses requests and answers by turns while it is on, commands first of all. */
function createLosses() {
  const guids = new Set<string>()
  const counts = { request: 0, reply: 0 }
  let isOn = false
  let seen = 0
  return {
    guids: guids as ReadonlySet<string>,
    begin: () => {
      isOn = true
    },
    end: () => {
      isOn = false
    },
    count: (loss: Loss) => counts[loss],
    of({ headers, body }: HeldRequest): Loss | undefined {
      guids.add(String(headers['x-github-delivery']))
      if (!isOn) return undefined
      seen += 1
      if (seen % LOSE_EVERY > 0 && !body.includes('/devloop nonsense')) return undefined
      const loss = counts.request <= counts.reply ? 'request' : 'reply'
      counts[loss] += 1
      return loss
    },
  }
}
