import type { ProcessResult } from './process-order.ts'

const HEAD = [
  'store',
  'seed',
  'kills',
  'stops',
  'creates',
  'ambiguous',
  'live at end',
  'most at once',
  'needless pod seconds',
  'done / lost / twice',
  'bill',
  'ledger by the clock',
  'ledger after the bill',
]

/** One row per run, as `docs/reliability.md` shows it. */
export function chaosTable(
  rows: readonly { readonly seed: number; readonly result: ProcessResult; readonly faults: readonly string[] }[],
): string {
  const lines = rows.map(({ seed, result, faults }) => {
    const store = result.store === 'pglite' ? 'PGlite, 1 process' : `PostgreSQL, ${result.processes} replicas`
    return [
      faults.length === 0 ? store : `${store}, DOES NOT HOLD`,
      seed,
      result.kills,
      result.stops,
      result.creates,
      result.ambiguous,
      result.liveAtEnd,
      result.maxLive,
      result.unneededPodSeconds,
      `${result.done} / ${result.lost} / ${result.twice}`,
      usd(result.billedUsd),
      `${usd(result.clockUsd)} (${result.clockPercent} %)`,
      `${usd(result.ledgerUsd)} (${result.ledgerPercent} %)`,
    ]
  })
  return [HEAD, HEAD.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function usd(amount: number): string {
  return `$${amount.toFixed(4)}`
}
