import type { Figures, Goal } from '../report/line-result.ts'
import { arePeersInstalled, PEERS_MISSING } from '../report/peers.ts'
import { type LineRun, reportLine } from '../report/report-line.ts'
import { median, medianRatio } from '../report/statistics.ts'
import {
  type Burst,
  type Evaluation,
  evaluateAll,
  evaluateFirst,
  evaluateOnce,
  rested,
  runDangerOnce,
} from './measure.ts'
import { type OpenChange, openChange } from './open-change.ts'
import { type ChecksWorld, startChecksWorld } from './world.ts'

interface Size {
  readonly files: number
  readonly rounds: number
  readonly atOnce: number
}

const SIZES: readonly Size[] = [
  { files: 1, rounds: 7, atOnce: 20 },
  { files: 100, rounds: 7, atOnce: 20 },
  { files: 3_000, rounds: 3, atOnce: 3 },
]
const QUICK: readonly Size[] = [
  { files: 1, rounds: 1, atOnce: 4 },
  { files: 100, rounds: 1, atOnce: 2 },
]

/** Opening so many spends much of what may be asked of GitHub within a minute; the next minute is waited for. */
const MANY = 10
const REST_MS = 61_000

interface Measured {
  readonly size: Size
  readonly first: Evaluation
  readonly own: readonly Evaluation[]
  readonly danger: readonly Evaluation[]
  readonly empty: readonly Evaluation[]
  readonly burst: Burst
}

await reportLine(async (run) => {
  const world = await startChecksWorld()
  try {
    await world.startServer()
    const measured: Measured[] = []
    for (const size of run.isQuick ? QUICK : SIZES) measured.push(await measure(world, size, run))
    return figuresOf(measured)
  } finally {
    await world.stop()
  }
})

async function measure({ github, registration }: ChecksWorld, size: Size, run: LineRun): Promise<Measured> {
  const { files, atOnce } = size
  // GitHub counts what an installation asks within a minute: each size has one of its own, as if it were measured alone.
  const owner = `acme-${files}`
  github.createOrganization(owner, { members: { ada: 'admin' } })
  github.installApp(registration, owner)
  const open = (index: number) => openChange(github, `${owner}/shop-${index}`, files)

  run.say(`opening a pull request of ${files} files`)
  const { change, first } = await evaluateFirst(github, () => open(0))
  const own: Evaluation[] = []
  const danger: Evaluation[] = []
  const empty: Evaluation[] = []
  for (let round = 1; round <= size.rounds; round += 1) {
    run.say(`${files} files, round ${round} of ${size.rounds}`)
    own.push(await evaluateOnce(github, change, round))
    if (arePeersInstalled()) {
      danger.push(await runDangerOnce(github, change, 'dangerfile.js'))
      empty.push(await runDangerOnce(github, change, 'dangerfile-empty.js'))
    }
  }

  run.say(`opening ${atOnce - 1} more of ${files} files`)
  const more: OpenChange[] = []
  for (let index = 1; index < atOnce; index += 1) more.push(await open(index))
  await rested(github, more, atOnce >= MANY ? REST_MS : 0)
  const burst: Burst[] = []
  for (let round = 1; round <= Math.min(3, size.rounds); round += 1) {
    run.say(`${atOnce} pull requests of ${files} files at once, round ${round}`)
    burst.push(await evaluateAll(github, [change, ...more], 100 + round))
  }
  const eventsPerSecond = median(burst.map((one) => one.eventsPerSecond))
  const evaluationsPerSecond = median(burst.map((one) => one.evaluationsPerSecond))
  return { size, first, own, danger, empty, burst: { eventsPerSecond, evaluationsPerSecond } }
}

function figuresOf(measured: readonly Measured[]): Figures {
  const hasPeer = arePeersInstalled()
  const ms = (all: readonly Evaluation[]) => all.map((one) => one.ms)
  const calls = (all: readonly Evaluation[]) => all.map((one) => one.calls)
  const counted = (all: readonly Evaluation[]) => all.map((one) => one.calls - one.unchanged)
  const row = (files: number, name: string, all: readonly Evaluation[]) => [
    `${files}`,
    name,
    median(ms(all)),
    median(calls(all)),
    median(all.map((one) => one.unchanged)),
    median(all.map((one) => one.writes)),
  ]
  const ratio = (what: string, value: number, sign: '>=' | '<=', limit: number): Goal => ({
    what,
    value: hasPeer ? value : null,
    unit: '×',
    sign,
    limit,
    digits: sign === '>=' ? 1 : 2,
  })
  return {
    tables: [
      {
        title: 'One pull request',
        columns: [
          { name: 'changed files' },
          { name: '' },
          { name: 'ms', digits: 0 },
          { name: 'GitHub calls' },
          { name: 'of them 304' },
          { name: 'writes' },
        ],
        rows: measured.flatMap(({ size: { files }, first, own, danger, empty }) => [
          row(files, 'DevLoop, a repository nobody has seen', [first]),
          row(files, 'DevLoop, a push', own),
          ...(hasPeer ? [row(files, 'Danger JS', danger), row(files, 'Danger JS, empty dangerfile', empty)] : []),
        ]),
      },
      {
        title: 'A push to every pull request in the same moment',
        columns: [
          { name: 'changed files' },
          { name: 'pull requests' },
          { name: 'events/s', digits: 1 },
          { name: 'evaluations/s', digits: 1 },
        ],
        rows: measured.map(({ size, burst }) => [
          `${size.files}`,
          size.atOnce,
          burst.eventsPerSecond,
          burst.evaluationsPerSecond,
        ]),
      },
    ],
    goals: measured.flatMap(({ size: { files, atOnce }, own, danger, burst }) => [
      ratio(`faster than Danger JS, ${filesOf(files)}`, medianRatio(ms(danger), ms(own)), '>=', 20),
      ratio(
        `faster than Danger JS one after the other, ${atOnce} pull requests of ${filesOf(files)} at once`,
        (median(ms(danger)) * burst.evaluationsPerSecond) / 1_000,
        '>=',
        20,
      ),
      ratio(
        `calls that GitHub counts, against Danger JS's, ${filesOf(files)}`,
        medianRatio(counted(own), counted(danger)),
        '<=',
        0.5,
      ),
      ratio(`all calls, against Danger JS's, ${filesOf(files)}`, medianRatio(calls(own), calls(danger)), '<=', 0.5),
    ]),
    charts: [
      {
        title: 'From a push to its verdict',
        unit: 'ms',
        isMoreBetter: false,
        bars: measured.flatMap(({ size, own, danger }) => [
          { name: `DevLoop, ${filesOf(size.files)}`, value: median(ms(own)), isOurs: true },
          ...(hasPeer ? [{ name: `Danger JS, ${filesOf(size.files)}`, value: median(ms(danger)), isOurs: false }] : []),
        ]),
      },
    ],
    skipped: hasPeer ? [] : [PEERS_MISSING],
  }
}

function filesOf(count: number): string {
  return count === 1 ? '1 file' : `${count.toLocaleString('en-US')} files`
}
