import type { Cell, Figures } from '../report/line-result.ts'
import { arePeersInstalled, PEERS_MISSING } from '../report/peers.ts'
import { reportLine } from '../report/report-line.ts'
import { median, medianRatio, percentile } from '../report/statistics.ts'
import { cpuMsOf } from './process-usage.ts'
import { type Sent, sendAsFastAsItAnswers, sendSteadily } from './send-steadily.ts'
import { startTarget, type Target } from './start-target.ts'

const CONNECTIONS = 32
const FULL = { rounds: 5, seconds: 2.5, steadySeconds: 8 }
const QUICK = { rounds: 2, seconds: 0.7, steadySeconds: 1.5 }
/** A server as the product is started. */
const LEAN_HEAP = ['--max-semi-space-size=4']

const SUBJECTS = [
  { name: 'DevLoop', file: 'bare-intake.ts', nodeOptions: LEAN_HEAP, isOurs: true },
  { name: 'Probot, nothing stored', file: 'probot.ts', nodeOptions: [], isOurs: false },
  { name: 'DevLoop, whole server', file: 'server.ts', nodeOptions: LEAN_HEAP, isOurs: true },
] as const
type Name = (typeof SUBJECTS)[number]['name']

interface Subject {
  readonly name: Name
  readonly target: Target
  readonly perSecond: number[]
  readonly cpuMs: number[]
}

await reportLine(async ({ isQuick, say }) => {
  const { rounds, seconds, steadySeconds } = isQuick ? QUICK : FULL
  const hasPeer = arePeersInstalled()
  const subjects: Subject[] = []
  const steady = new Map<Name, { readonly perSecond: number; readonly sent: Sent }>()
  try {
    for (const { name, file, nodeOptions } of SUBJECTS)
      if (name !== 'Probot, nothing stored' || hasPeer) {
        say(`starting ${name}`)
        subjects.push({ name, target: await startTarget(file, nodeOptions), perSecond: [], cpuMs: [] })
      }
    for (const { target } of subjects) await sendAsFastAsItAnswers(target, { connections: 4, seconds: seconds / 2 })
    // The whole server still works off what a round left behind when the next begins: it is measured apart from the two that do not.
    const [whole, alike] = [
      subjects.filter(({ name }) => name === 'DevLoop, whole server'),
      subjects.filter(({ name }) => name !== 'DevLoop, whole server'),
    ]
    for (let round = 0; round < rounds; round += 1) {
      say(`throughput, round ${round + 1} of ${rounds}`)
      for (const subject of round % 2 === 0 ? alike : alike.toReversed()) await measureRound(subject, seconds)
    }
    for (const { name, target, perSecond } of alike) {
      say(`half load, ${name}`)
      const pace = Math.floor(median(perSecond) / 2)
      steady.set(name, {
        perSecond: pace,
        sent: await sendSteadily(target, { perSecond: pace, seconds: steadySeconds }),
      })
    }
    for (const subject of whole) {
      say(`throughput, ${subject.name}`)
      for (let round = 0; round < rounds; round += 1) await measureRound(subject, seconds)
      const pace = Math.floor(median(subject.perSecond) / 2)
      await idle(subject.target.pid)
      say(`half load, ${subject.name}`)
      steady.set(subject.name, {
        perSecond: pace,
        sent: await sendSteadily(subject.target, { perSecond: pace, seconds: steadySeconds }),
      })
    }
    return figuresOf(subjects, steady)
  } finally {
    for (const { target } of subjects) await target.stop()
  }
})

async function measureRound({ target, perSecond, cpuMs }: Subject, seconds: number): Promise<void> {
  const before = await cpuMsOf(target.pid)
  const sent = await sendAsFastAsItAnswers(target, { connections: CONNECTIONS, seconds })
  if (sent.refused > 0) throw new Error(`${sent.refused} deliveries were refused`)
  perSecond.push(sent.perSecond)
  cpuMs.push(((await cpuMsOf(target.pid)) - before) / sent.latenciesMs.length)
}

/** Until what was taken in is worked off: hardly any processor time is used any more. */
async function idle(pid: number): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) {
    const before = await cpuMsOf(pid)
    await new Promise((resolve) => setTimeout(resolve, 500))
    if ((await cpuMsOf(pid)) - before < 50) return
  }
}

function figuresOf(
  subjects: readonly Subject[],
  steady: ReadonlyMap<Name, { readonly perSecond: number; readonly sent: Sent }>,
): Figures {
  const perSecond = (name: Name) => subjects.find((one) => one.name === name)?.perSecond ?? []
  const p99 = (name: Name) => percentile(steady.get(name)?.sent.latenciesMs ?? [], 0.99)
  const own = perSecond('DevLoop')
  const peer = perSecond('Probot, nothing stored')
  const rows = subjects.map(({ name, perSecond: rounds, cpuMs }): Cell[] => {
    const { perSecond: pace = 0, sent } = steady.get(name) ?? {}
    const at = (share: number) => percentile(sent?.latenciesMs ?? [], share)
    return [name, median(rounds), median(cpuMs), pace, at(0.5), at(0.95), at(0.99)]
  })
  return {
    tables: [
      {
        title: 'Deliveries',
        columns: [
          { name: '' },
          { name: 'per second', digits: 0 },
          { name: 'processor ms each', digits: 2 },
          { name: 'half load, per second', digits: 0 },
          { name: 'p50 ms', digits: 1 },
          { name: 'p95 ms', digits: 1 },
          { name: 'p99 ms', digits: 1 },
        ],
        rows,
      },
    ],
    goals: [
      {
        what: "throughput against Probot's, which stores nothing",
        value: peer.length === 0 ? null : medianRatio(own, peer),
        unit: '×',
        sign: '>=',
        limit: 1,
        digits: 2,
      },
      { what: 'p99 at half load', value: p99('DevLoop'), unit: 'ms', sign: '<=', limit: 20, digits: 1 },
      {
        what: 'p99 of the whole server at half load',
        value: p99('DevLoop, whole server'),
        unit: 'ms',
        sign: '<=',
        limit: 20,
        digits: 1,
      },
    ],
    charts: [
      {
        title: 'Webhooks answered per second',
        unit: 'per second',
        isMoreBetter: true,
        bars: SUBJECTS.flatMap(({ name, isOurs }) =>
          perSecond(name).length === 0 ? [] : [{ name, value: median(perSecond(name)), isOurs }],
        ),
      },
    ],
    skipped: peer.length === 0 ? [PEERS_MISSING] : [],
  }
}
