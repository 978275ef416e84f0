import { formatUsd, type MicroUsd, microUsd } from '../ports/money.ts'
import type { JobTotal, PodRow, StoredWaiver, VerdictHead } from '../ports/store.ts'

/** What the store tells of two months; the earlier one is what this one is compared with. */
export interface UsageFacts {
  /** `2026-11`. */
  readonly month: string
  readonly thisMonth: UsageMonth
  readonly lastMonth: UsageMonth
  readonly pods: readonly Pick<PodRow, 'attemptedAt' | 'goneAt'>[]
  readonly totals: readonly JobTotal[]
  readonly verdicts: readonly VerdictHead[]
  readonly waivers: readonly StoredWaiver[]
  readonly nowMs: number
}

export interface UsageMonth {
  readonly fromMs: number
  readonly toMs: number
  readonly spentMicroUsd: MicroUsd
  readonly idleMicroUsd: MicroUsd
  readonly jobs: number
}

const TOP = 10
const MOST_SIGNS = 300

/** First and last moment of a month such as `2026-11`, in UTC; undefined when it is none. */
export function monthRange(month: string): { readonly fromMs: number; readonly toMs: number } | undefined {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month)
  if (match === null) return undefined
  const [year, index] = [Number(match[1]), Number(match[2]) - 1]
  return { fromMs: Date.UTC(year, index, 1), toMs: Date.UTC(year, index + 1, 1) }
}

/** The usage report of a month, in Markdown. */
export function renderUsageReport(facts: UsageFacts): string {
  const { month, thisMonth, lastMonth } = facts
  const drifts = latestDrifts(facts)
  const waivers = facts.waivers.filter(({ at }) => isIn(thisMonth, at))
  const rows = [
    ['', month, 'the month before'],
    ['---', '---:', '---:'],
    ['spent', formatUsd(thisMonth.spentMicroUsd), formatUsd(lastMonth.spentMicroUsd)],
    ['jobs', String(thisMonth.jobs), String(lastMonth.jobs)],
    ['per job', perJob(thisMonth), perJob(lastMonth)],
    ['idle-spend', idleShare(thisMonth), idleShare(lastMonth)],
    ['GPU uptime', hours(uptimeMs(facts, thisMonth)), hours(uptimeMs(facts, lastMonth))],
  ]
  return [
    `# DevLoop in ${month}`,
    rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n'),
    '## Where it went',
    list(topRepositories(facts), 'No job was charged.'),
    '## Drift between plan and work',
    list(drifts, 'No repository has an open plan rule.'),
    '## Waivers',
    list(
      waivers.map(
        ({ repository, pullRequest, rule, by, reason }) =>
          `- ${repository}#${pullRequest}: \`${rule}\` by ${inert(by)}: ${inert(reason)}`,
      ),
      'Nobody overrode a rule.',
    ),
  ].join('\n\n')
}

function topRepositories({ totals, thisMonth }: UsageFacts): readonly string[] {
  const byRepository = Map.groupBy(
    totals.filter(({ day }) => isIn(thisMonth, Date.parse(day))),
    ({ repository }) => repository ?? 'the controller',
  )
  return [...byRepository]
    .map(([name, days]) => ({
      name,
      spent: sum(days.map((day) => day.microUsd)),
      jobs: sum(days.map((day) => day.jobs)),
    }))
    .sort((a, b) => b.spent - a.spent || (a.name < b.name ? -1 : 1))
    .slice(0, TOP)
    .map(({ name, spent, jobs }) => `- ${name}: ${formatUsd(microUsd(spent))}, ${jobs} ${jobs === 1 ? 'job' : 'jobs'}`)
}

/** The newest verdict of each repository in the month says how far plan and work are apart. */
function latestDrifts({ verdicts, thisMonth }: UsageFacts): readonly string[] {
  const inMonth = verdicts.filter(({ createdAt }) => isIn(thisMonth, createdAt))
  const newest = [...Map.groupBy(inMonth, ({ repository }) => repository)].flatMap(([name, heads]) => {
    const [head] = [...heads].sort((a, b) => b.createdAt - a.createdAt)
    return head === undefined || head.drift === 0 ? [] : [{ name, drift: head.drift }]
  })
  return newest
    .sort((a, b) => b.drift - a.drift)
    .map(({ name, drift }) => `- ${name}: ${drift} open plan ${drift === 1 ? 'rule' : 'rules'}`)
}

function uptimeMs({ pods, nowMs }: UsageFacts, { fromMs, toMs }: UsageMonth): number {
  const end = Math.min(toMs, nowMs)
  return sum(
    pods.map(({ attemptedAt, goneAt }) =>
      attemptedAt === null ? 0 : Math.max(0, Math.min(goneAt ?? end, end) - Math.max(attemptedAt, fromMs)),
    ),
  )
}

function perJob({ spentMicroUsd, jobs }: UsageMonth): string {
  return jobs === 0 ? '–' : formatUsd(microUsd(Math.round(spentMicroUsd / jobs)))
}

function idleShare({ idleMicroUsd, spentMicroUsd }: UsageMonth): string {
  return spentMicroUsd === 0 ? '–' : `${Math.round((idleMicroUsd / spentMicroUsd) * 100)} %`
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(1)} h`
}

function isIn({ fromMs, toMs }: UsageMonth, at: number): boolean {
  return at >= fromMs && at < toMs
}

function list(lines: readonly string[], none: string): string {
  return lines.length === 0 ? none : lines.join('\n')
}

/** A stranger's words as one line of text: no Markdown, HTML or Liquid in it (GitHub Pages renders all three). */
function inert(text: string): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return [...line]
    .slice(0, MOST_SIGNS)
    .join('')
    .replaceAll(/[\\`*_[\]()!|~#]/g, '\\$&')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('{', '&#123;')
    .replaceAll('}', '&#125;')
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
