import { fromMarkdown } from 'mdast-util-from-markdown'
import { frontmatterFromMarkdown } from 'mdast-util-frontmatter'
import { gfmFromMarkdown } from 'mdast-util-gfm'
import { frontmatter } from 'micromark-extension-frontmatter'
import { gfm } from 'micromark-extension-gfm'
import { parsePlan } from '../../governance/plan/parse.ts'
import { parseDiff } from '../../review/diff/parse.ts'
import { Bench } from 'tinybench'
import type { Figures } from '../report/line-result.ts'
import { arePeersInstalled, PEERS_MISSING, requirePeer } from '../report/peers.ts'
import { reportLine } from '../report/report-line.ts'
import { median, medianRatio } from '../report/statistics.ts'
import { generateDiff } from './generate-diff.ts'
import { generatePlan } from './generate-plan.ts'

interface Subject {
  readonly name: string
  readonly isOurs: boolean
  readonly run: () => unknown
}

const FULL = { rounds: 5, sampleMs: 400, diffChars: 4_000_000, planTasks: 200 }
const QUICK = { rounds: 2, sampleMs: 100, diffChars: 2_000_000, planTasks: 60 }
const OWN_DIFF = 'DevLoop, lines cut when read'
const OWN_WHOLE = 'DevLoop, every line cut'
const OWN_PLAN = 'DevLoop, plan read'
const BARE_MDAST = 'bare mdast'

await reportLine(async ({ isQuick, say }) => {
  const size = isQuick ? QUICK : FULL
  say('generating')
  const diff = generateDiff(size.diffChars)
  const plan = generatePlan(size.planTasks)
  const diffs = await measure(diffSubjects(diff), diff, size, (round) => say(`diffs, round ${round} of ${size.rounds}`))
  const plans = await measure(planSubjects(plan), plan, size, (round) => say(`plans, round ${round} of ${size.rounds}`))
  return figuresOf(diffs, plans)
})

function diffSubjects(text: string): readonly Subject[] {
  const bytes = Buffer.from(text)
  const own: Subject[] = [
    { name: OWN_DIFF, isOurs: true, run: () => parseDiff(bytes) },
    {
      name: OWN_WHOLE,
      isOurs: true,
      run: () => parseDiff(bytes).files.map((file) => file.hunks.map((hunk) => hunk.lines.length)),
    },
  ]
  if (!arePeersInstalled()) return own
  const parseDiffPeer: (diff: string) => unknown = requirePeer('parse-diff')
  const gitdiffParser: { parse(diff: string): unknown } = requirePeer('gitdiff-parser')
  const whatTheDiff: { parse(diff: string): unknown } = requirePeer('what-the-diff')
  return [
    ...own,
    { name: 'parse-diff', isOurs: false, run: () => parseDiffPeer(text) },
    { name: 'gitdiff-parser', isOurs: false, run: () => gitdiffParser.parse(text) },
    { name: 'what-the-diff', isOurs: false, run: () => whatTheDiff.parse(text) },
  ]
}

function planSubjects(text: string): readonly Subject[] {
  const extensions = [frontmatter(['yaml']), gfm()]
  const mdastExtensions = [frontmatterFromMarkdown(['yaml']), gfmFromMarkdown()]
  return [
    { name: OWN_PLAN, isOurs: true, run: () => parsePlan(text, 'plan_v0.1.md') },
    { name: BARE_MDAST, isOurs: false, run: () => fromMarkdown(text, { extensions, mdastExtensions }) },
  ]
}

type Rates = ReadonlyMap<string, { readonly isOurs: boolean; readonly perRound: readonly number[] }>

/**
 * Megabytes per second of each subject in each round, by the middle of tinybench's samples; a round runs them all, each round beginning
 * with another one.
 */
async function measure(
  subjects: readonly Subject[],
  text: string,
  { rounds, sampleMs }: Pick<typeof FULL, 'rounds' | 'sampleMs'>,
  onRound: (round: number) => void,
): Promise<Rates> {
  const megabytes = Buffer.byteLength(text) / 1e6
  const rates = new Map(subjects.map(({ name, isOurs }) => [name, { isOurs, perRound: [] as number[] }]))
  for (let round = 0; round < rounds; round += 1) {
    onRound(round + 1)
    const first = round % subjects.length
    for (const { name, run } of [...subjects.slice(first), ...subjects.slice(0, first)]) {
      const latencyMs = await middleLatencyMs(run, sampleMs)
      rates.get(name)?.perRound.push((megabytes * 1_000) / latencyMs)
    }
  }
  return rates
}

async function middleLatencyMs(run: () => unknown, sampleMs: number): Promise<number> {
  const bench = new Bench({ time: sampleMs, iterations: 3, warmupTime: 0, warmupIterations: 1, throws: true })
  bench.add('subject', () => void run())
  const [task] = await bench.run()
  if (task?.result.state !== 'completed') throw new Error(`a parser was not measured: ${task?.result.state}`)
  return task.result.latency.p50
}

function figuresOf(diffs: Rates, plans: Rates): Figures {
  const perRound = (rates: Rates, name: string) => rates.get(name)?.perRound ?? []
  const peers = [...diffs].filter(([, { isOurs }]) => !isOurs)
  // The fastest of the others in each round, whichever it is.
  const best = perRound(diffs, OWN_DIFF).map((_, round) =>
    Math.max(...peers.map(([, rate]) => rate.perRound[round] ?? 0)),
  )
  const hasPeer = peers.length > 0
  const tableOf = (title: string, rates: Rates, digits: number) => ({
    title,
    columns: [{ name: '' }, { name: 'MB/s', digits }],
    rows: [...rates].map(([name, rate]) => [name, median(rate.perRound)]),
  })
  return {
    tables: [tableOf('Unified diff', diffs, 0), tableOf('Plan', plans, 2)],
    goals: [
      {
        what: 'diffs, against the fastest peer',
        value: hasPeer ? medianRatio(perRound(diffs, OWN_DIFF), best) : null,
        unit: '×',
        sign: '>=',
        limit: 1,
        digits: 2,
      },
      {
        what: 'diffs with every line cut, against the fastest peer',
        value: hasPeer ? medianRatio(perRound(diffs, OWN_WHOLE), best) : null,
        unit: '×',
        sign: '>=',
        limit: 1,
        digits: 2,
      },
      {
        what: 'plans, against bare mdast',
        value: medianRatio(perRound(plans, OWN_PLAN), perRound(plans, BARE_MDAST)),
        unit: '×',
        sign: '>=',
        limit: 0.5,
        digits: 2,
      },
    ],
    charts: [
      {
        title: 'Parsing a diff',
        unit: 'MB/s',
        isMoreBetter: true,
        bars: [...diffs].map(([name, { isOurs, perRound: rounds }]) => ({ name, value: median(rounds), isOurs })),
      },
    ],
    skipped: hasPeer ? [] : [PEERS_MISSING],
  }
}
