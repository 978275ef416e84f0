import type { Figures } from '../report/line-result.ts'
import { reportLine } from '../report/report-line.ts'
import { type BenchCase, loadCases } from '../review/bench-case.ts'
import { type Orchestrated, orchestrate, WAYS, type Way } from './measure.ts'

const SIZES = [36, 120, 300]
const QUICK_SIZES = [36]

interface Measured {
  readonly files: number
  readonly ways: ReadonlyMap<Way, Orchestrated>
}

await reportLine(async ({ isQuick, say }) => {
  const cases = (await loadCases()).filter(({ kind }) => kind === 'bug' || kind === 'clean')
  const measured: Measured[] = []
  for (const files of isQuick ? QUICK_SIZES : SIZES) {
    const ways = new Map<Way, Orchestrated>()
    for (const way of WAYS) {
      say(`${files} files, ${way}`)
      ways.set(way, await orchestrate(way, take(cases, files)))
    }
    measured.push({ files, ways })
  }
  return figuresOf(measured)
})

/** As many small changes as wished; from the second round on, in folders of their own. */
function take(cases: readonly BenchCase[], count: number): readonly BenchCase[] {
  return Array.from({ length: count }, (_, index) => {
    const one = cases[(index * 7) % cases.length]
    if (one === undefined) throw new RangeError('there are no cases')
    const round = Math.floor(index / cases.length)
    return round === 0 ? one : moved(one, `round-${round}/`)
  })
}

function moved(one: BenchCase, folder: string): BenchCase {
  const { path, change } = one
  const diff = change.diff
    .replaceAll(` a/${path}`, ` a/${folder}${path}`)
    .replaceAll(` b/${path}`, ` b/${folder}${path}`)
  return {
    ...one,
    path: `${folder}${path}`,
    change: { ...change, diff, head: new Map([...change.head].map(([at, text]) => [`${folder}${at}`, text])) },
  }
}

function figuresOf(measured: readonly Measured[]): Figures {
  const figure = ({ ways }: Measured, way: Way, pick: (one: Orchestrated) => number) => {
    const one = ways.get(way)
    return one === undefined ? Number.NaN : pick(one)
  }
  const seconds = (one: Measured, way: Way) => figure(one, way, (each) => each.seconds)
  const largest = measured.at(-1)
  if (largest === undefined) throw new RangeError('nothing was measured')
  return {
    tables: [
      {
        title: 'Virtual time of a review',
        columns: [
          { name: 'files' },
          { name: '' },
          { name: 'seconds', digits: 1 },
          { name: 'slots in use %', digits: 0 },
          { name: 'calls', digits: 0 },
          { name: 'prompt tokens', digits: 0 },
          { name: 'findings', digits: 0 },
        ],
        rows: measured.flatMap((one) =>
          WAYS.map((way) => [
            `${one.files}`,
            way === 'all slots busy' ? `DevLoop: ${way}` : way,
            seconds(one, way),
            figure(one, way, (each) => each.utilisation * 100),
            figure(one, way, (each) => each.calls),
            figure(one, way, (each) => each.promptTokens),
            figure(one, way, (each) => each.findings),
          ]),
        ),
      },
    ],
    goals: [
      ...measured.slice(-2).map((one) => ({
        what: `slots in use, ${one.files} files`,
        value: figure(one, 'all slots busy', (each) => each.utilisation * 100),
        unit: '%',
        sign: '>=' as const,
        limit: 90,
        digits: 0,
      })),
      {
        what: `faster than one call at a time, ${largest.files} files`,
        value: seconds(largest, 'one call at a time') / seconds(largest, 'all slots busy'),
        unit: '×',
        sign: '>=',
        limit: 3,
        digits: 1,
      },
      {
        what: `faster than file by file, ${largest.files} files`,
        value: seconds(largest, 'file by file') / seconds(largest, 'all slots busy'),
        unit: '×',
        sign: '>=',
        limit: 3,
        digits: 1,
      },
    ],
    charts: [
      {
        title: `A review of ${largest.files} files`,
        unit: 'virtual seconds',
        isMoreBetter: false,
        bars: WAYS.map((way) => ({ name: way, value: seconds(largest, way), isOurs: way === 'all slots busy' })),
      },
    ],
    skipped: [],
  }
}
