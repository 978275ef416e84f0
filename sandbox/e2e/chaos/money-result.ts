import type { PodBill } from '../../runpod/billing.ts'
import type { JournalLine } from '../../../ports/store.ts'
import type { ProcessResult } from './process-order.ts'
import type { LedgerReport } from './worker-order.ts'

type MoneyResult = Pick<
  ProcessResult,
  'billedUsd' | 'ledgerUsd' | 'clockUsd' | 'ledgerPercent' | 'clockPercent' | 'unbilled' | 'furthest'
>

/** The ledger against the provider's books. */
export function moneyResult(
  billedMicroUsd: number,
  bills: readonly PodBill[],
  ledger: LedgerReport,
  journals: readonly JournalLine[],
): MoneyResult {
  const percent = (microUsd: number) =>
    billedMicroUsd === 0 ? 0 : Math.round((Math.abs(microUsd - billedMicroUsd) / billedMicroUsd) * 10_000) / 100
  return {
    billedUsd: billedMicroUsd / 1e6,
    ledgerUsd: ledger.ledgerMicroUsd / 1e6,
    clockUsd: ledger.clockMicroUsd / 1e6,
    ledgerPercent: percent(ledger.ledgerMicroUsd),
    clockPercent: percent(ledger.clockMicroUsd),
    unbilled: ledger.unbilled,
    furthest: furthestApart(bills, ledger.byClock, journals),
  }
}

function furthestApart(
  bills: readonly PodBill[],
  byClock: LedgerReport['byClock'],
  journals: readonly JournalLine[],
): string[] {
  const reasons = new Map(journals.flatMap((line) => (line.kind === 'settle' ? [[line.podName as string, line]] : [])))
  return bills
    .map((bill) => ({ ...bill, clock: byClock[bill.name] ?? 0, line: reasons.get(bill.name) }))
    .toSorted((a, b) => Math.abs(b.costMicroUsd - b.clock) - Math.abs(a.costMicroUsd - a.clock))
    .slice(0, 3)
    .map(
      ({ name, costMicroUsd, clock, line }) =>
        `${name}: billed ${costMicroUsd}, by the clock ${clock}, journal ${line?.microUsd ?? 'nothing'} (${line?.reason ?? 'not settled'})`,
    )
}
