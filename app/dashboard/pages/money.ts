import { html } from 'hono/html'
import { z } from 'zod'
import { REPORT_FACT, REPORT_PROBLEM_FACT, reportFact, reportProblem } from '../../../jobs/publish-report.ts'
import { microUsd, usdFromMicroUsd } from '../../../ports/money.ts'
import type { JobTotal, LedgerStore } from '../../../ports/store.ts'
import { badge, facts, tiles, when } from '../bits.ts'
import { type Chart, chartFigure } from '../chart.ts'
import { type KeySpending, keyTable, readKeySpending } from '../key-table.ts'
import type { Markup } from '../markup.ts'
import type { DashboardParts, DashboardStatus } from '../parts.ts'
import { statusTiles, TARGETS } from '../status-tiles.ts'
import { countText, durationText, moneyText, percentText, usdText } from '../words.ts'

const DAYS = 30
const DAY_MS = 86_400_000

const billingFact = z.object({
  at: z.number(),
  ratio: z.number(),
  isAlarming: z.boolean(),
  ledgerMicroUsd: z.number().transform(microUsd).optional(),
  billedMicroUsd: z.number().transform(microUsd).optional(),
  unknownPods: z.array(z.string()).default([]),
})

export interface MoneyModel {
  readonly now: number
  readonly days: Awaited<ReturnType<LedgerStore['perDay']>>
  readonly totals: readonly JobTotal[]
  readonly status: DashboardStatus
  readonly budget: DashboardParts['budget']
  readonly billing: z.infer<typeof billingFact> | undefined
  readonly keys: readonly KeySpending[]
  /** Why the newest monthly report could not be committed. */
  readonly problem: z.infer<typeof reportProblem> | undefined
  readonly report: z.infer<typeof reportFact> | undefined
  readonly githubWebUrl: string | null
}

export async function readMoney({
  store,
  clock,
  readStatus,
  budget,
  githubWebUrl,
}: DashboardParts): Promise<MoneyModel> {
  const now = clock.now()
  const since = now - (now % DAY_MS) - (DAYS - 1) * DAY_MS
  const monthStart = Date.UTC(new Date(now).getUTCFullYear(), new Date(now).getUTCMonth(), 1)
  const [days, totals, status, billing, report, keys, problem] = await Promise.all([
    store.ledger.perDay(since),
    store.ledger.jobTotals(since),
    readStatus(),
    store.facts.get('fleet/billing'),
    store.facts.get(REPORT_FACT),
    readKeySpending(store, monthStart),
    store.facts.get(REPORT_PROBLEM_FACT),
  ])
  return {
    now,
    days,
    totals,
    status,
    budget,
    billing: billingFact.safeParse(billing).data,
    report: reportFact.safeParse(report).data,
    keys,
    problem: reportProblem.safeParse(problem).data,
    githubWebUrl,
  }
}

export function moneyView({
  now,
  days,
  totals,
  status,
  budget,
  billing,
  report,
  keys,
  problem,
  githubWebUrl,
}: MoneyModel): Markup {
  const wanted = ['Spent today', 'Spent this month', 'Dollars per job', 'Idle-spend']
  return html`
<section id="numbers" data-live aria-label="Numbers">${tiles(statusTiles(status, budget, now).filter((tile) => wanted.includes(tile.label)))}</section>
${chartFigure(perDay(days))}
${chartFigure(perJob(days, totals))}
${chartFigure(idleShare(days))}
<h2>Per repository</h2>
${repositoryTable(totals)}
<h2>Per key, this month</h2>
${keyTable(keys, now)}
<h2>Ledger against RunPod's bill</h2>
<div class="card">${
    billing === undefined
      ? html`<p class="faint">Not compared yet: once a day, when RunPod has billed a whole day.</p>`
      : facts([
          ['Compared', when(billing.at, now)],
          [
            'Difference',
            html`${percentText(billing.ratio)} ${billing.isAlarming ? badge('more than 5 %', 'bad') : badge('fine', 'good')}`,
          ],
          ['Our ledger', billing.ledgerMicroUsd === undefined ? null : moneyText(billing.ledgerMicroUsd)],
          ['RunPod billed', billing.billedMicroUsd === undefined ? null : moneyText(billing.billedMicroUsd)],
          [
            'Billed, but not ours',
            billing.unknownPods.length === 0
              ? null
              : html`<span class="strange">${billing.unknownPods.join(', ')}</span>`,
          ],
        ])
  }</div>
<h2>Monthly report</h2>
<div class="card">${reportLine(report, githubWebUrl)}${problem === undefined ? '' : html`<p class="notice bad strange">The newest one could not be committed ${when(problem.at, now)}: ${problem.message} <strong>${problem.remedy}</strong></p>`}</div>`
}

function reportLine(report: MoneyModel['report'], githubWebUrl: string | null): Markup {
  if (report === undefined) {
    return html`<p class="faint">None was committed yet. <code>report.repository</code> names where it goes on the first of a month; <code>devloop report</code> shows any month now.</p>`
  }
  const { month, repository, branch, path } = report
  const place = `${repository}/blob/${branch}/${path}`.split('/').map(encodeURIComponent).join('/')
  const page = githubWebUrl === null ? path : html`<a href="${`${githubWebUrl}/${place}`}">${path}</a>`
  return html`<p>The report of ${month} is ${page} in ${repository}, on the branch ${branch}.</p>`
}

function perDay(days: MoneyModel['days']): Chart {
  return {
    id: 'per-day',
    title: 'Dollars per day',
    kind: 'bars',
    unit: '$',
    x: 'day',
    target: null,
    head: ['Day', 'Spent', 'Of it idle'],
    rows: days.map((day) => [dayValue(day.day), usdValue(day.microUsd), usdValue(day.idleMicroUsd)]),
  }
}

function perJob(days: MoneyModel['days'], totals: readonly JobTotal[]): Chart {
  const jobs = new Map<string, number>()
  for (const total of totals) jobs.set(total.day, (jobs.get(total.day) ?? 0) + total.jobs)
  return {
    id: 'per-job',
    title: 'Dollars per job',
    kind: 'line',
    unit: '$',
    x: 'day',
    target: null,
    head: ['Day', 'Per job', 'Jobs'].slice(0, 2) as [string, string],
    rows: days.map(({ day, microUsd: spent }) => {
      const count = jobs.get(day) ?? 0
      const usd = count === 0 ? null : usdFromMicroUsd(spent) / count
      return [dayValue(day), { text: usd === null ? '–' : `${usdText(usd)} (${countText(count, 'job')})`, value: usd }]
    }),
  }
}

function idleShare(days: MoneyModel['days']): Chart {
  return {
    id: 'idle-share',
    title: `Idle-spend, target at most ${percentText(TARGETS.idleSpendRatio)}`,
    kind: 'line',
    unit: '%',
    x: 'day',
    target: TARGETS.idleSpendRatio * 100,
    head: ['Day', 'Idle'],
    rows: days.map(({ day, microUsd: spent, idleMicroUsd: idle }) => [
      dayValue(day),
      spent === 0 ? { text: '–', value: null } : { text: percentText(idle / spent), value: (idle / spent) * 100 },
    ]),
  }
}

function repositoryTable(totals: readonly JobTotal[]): Markup {
  const groups = [...Map.groupBy(totals, (total) => total.repository ?? '')]
    .map(([repository, all]) => ({
      repository,
      jobs: all.reduce((sum, total) => sum + total.jobs, 0),
      spent: microUsd(all.reduce((sum, total) => sum + total.microUsd, 0)),
      gpuMs: all.reduce((sum, total) => sum + total.gpuMs, 0),
    }))
    .sort((a, b) => b.spent - a.spent)
  if (groups.length === 0) return html`<p class="empty card">No job was charged in the last ${DAYS} days.</p>`
  return html`<div class="scroll card" tabindex="0" role="region" aria-label="Per repository"><table><caption class="hidden">Charged to jobs in the last ${DAYS} days</caption>
<thead><tr><th scope="col">Repository</th><th scope="col" class="number">Jobs</th><th scope="col" class="number">Charged</th><th scope="col" class="number">Per job</th><th scope="col" class="number wide-only">GPU time</th></tr></thead>
<tbody>${groups.map(
    ({ repository, jobs, spent, gpuMs }) =>
      html`<tr><th scope="row">${repository === '' ? 'Gateway and prompts' : html`<a href="/dashboard/jobs?repository=${encodeURIComponent(repository)}">${repository}</a>`}</th><td class="number">${jobs.toLocaleString('en-US')}</td><td class="number">${moneyText(spent)}</td><td class="number">${usdText(usdFromMicroUsd(spent) / Math.max(1, jobs))}</td><td class="number wide-only">${durationText(gpuMs)}</td></tr>`,
  )}</tbody></table></div>`
}

function dayValue(day: string) {
  return { text: day, value: Date.parse(day) / 1000 }
}

function usdValue(value: Parameters<typeof moneyText>[0]) {
  return { text: moneyText(value), value: usdFromMicroUsd(value) }
}
