import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import type { Figures, Goal } from '../report/line-result.ts'
import { arePeersInstalled, PEERS_MISSING } from '../report/peers.ts'
import { type LineRun, reportLine } from '../report/report-line.ts'
import { median, medianRatio } from '../report/statistics.ts'
import { type Burst, type Evaluation, evaluateAll, evaluateOnce, runDangerOnce } from './measure.ts'
import { type OpenChange, openChange } from './open-change.ts'
import { startChecksWorld } from './world.ts'

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
    for (const size of run.isQuick ? QUICK : SIZES) measured.push(await measure(world.github, size, run))
    return figuresOf(measured)
  } finally {
    await world.stop()
  }
})

async function measure(github: GithubSandbox, size: Size, run: LineRun): Promise<Measured> {
  run.say(`opening ${size.atOnce} pull requests of ${size.files} files`)
  const changes: OpenChange[] = []
  for (let index = 0; index < size.atOnce; index += 1)
    changes.push(await openChange(github, `acme/of-${size.files}-${index}`, size.files))
  const [change] = changes
  if (change === undefined) throw new RangeError('a size without a pull request')
  const first = await evaluateOnce(github, change, 0)
  const own: Evaluation[] = []
  const danger: Evaluation[] = []
  const empty: Evaluation[] = []
  const burst: Burst[] = []
  for (let round = 1; round <= size.rounds; round += 1) {
    run.say(`${size.files} files, round ${round} of ${size.rounds}`)
    own.push(await evaluateOnce(github, change, round))
    if (arePeersInstalled()) {
      danger.push(await runDangerOnce(github, change, 'dangerfile.js'))
      empty.push(await runDangerOnce(github, change, 'dangerfile-empty.js'))
    }
    if (round <= 3) burst.push(await evaluateAll(github, changes, 100 + round))
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
        title: 'One push to a pull request',
        columns: [
          { name: 'changed files' },
          { name: '' },
          { name: 'ms', digits: 0 },
          { name: 'GitHub calls' },
          { name: 'of them 304' },
          { name: 'writes' },
        ],
        rows: measured.flatMap(({ size: { files }, first, own, danger, empty }) => [
          row(files, 'DevLoop, first event of the repository', [first]),
          row(files, 'DevLoop', own),
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
