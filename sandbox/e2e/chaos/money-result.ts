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
    furthest: furthestApart(bills, journals),
  }
}

function furthestApart(bills: readonly PodBill[], journals: readonly JournalLine[]): string[] {
  const settled = new Map(journals.flatMap((line) => (line.kind === 'settle' ? [[line.podName as string, line]] : [])))
  return bills
    .map((bill) => ({ ...bill, line: settled.get(bill.name) }))
    .map((pod) => ({ ...pod, apart: Math.abs(pod.costMicroUsd - (pod.line?.microUsd ?? 0)) }))
    .toSorted((a, b) => b.apart - a.apart)
    .slice(0, 3)
    .map(
      ({ name, costMicroUsd, line }) =>
        `${name}: billed ${costMicroUsd}, ${line?.reason ?? 'not settled'} ${line?.microUsd ?? 0}`,
    )
}
