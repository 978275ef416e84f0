import { microUsd } from '../ports/money.ts'
import type { Store } from '../ports/store.ts'
import { monthRange, type UsageFacts, type UsageMonth } from './usage-report.ts'

const MAX_VERDICTS = 5_000
const MAX_WAIVERS = 1_000

/** Reads what the usage report of `month` needs. Undefined when that is no month. */
export async function readUsage(store: Store, month: string, nowMs: number): Promise<UsageFacts | undefined> {
  const range = monthRange(month)
  if (range === undefined) return undefined
  const before = monthRange(new Date(range.fromMs - 1).toISOString().slice(0, 7)) ?? range
  const [days, totals, pods, verdicts, waivers] = await Promise.all([
    store.ledger.perDay(before.fromMs),
    store.ledger.jobTotals(before.fromMs),
    store.pods.listSince(before.fromMs),
    store.governance.listVerdictHeads(undefined, MAX_VERDICTS, range.toMs),
    store.governance.listRecentWaivers(MAX_WAIVERS),
  ])
  const monthOf = ({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): UsageMonth => {
    const isIn = ({ day }: { readonly day: string }) => Date.parse(day) >= fromMs && Date.parse(day) < toMs
    const inMonth = days.filter(isIn)
    return {
      fromMs,
      toMs,
      spentMicroUsd: microUsd(inMonth.reduce((sum, day) => sum + day.microUsd, 0)),
      idleMicroUsd: microUsd(inMonth.reduce((sum, day) => sum + day.idleMicroUsd, 0)),
      jobs: totals.filter(isIn).reduce((sum, { jobs }) => sum + jobs, 0),
    }
  }
  return { month, thisMonth: monthOf(range), lastMonth: monthOf(before), pods, totals, verdicts, waivers, nowMs }
}
