import type { SoakLook, SoakResult } from './soak-run.ts'

const LEDGER_SHARE = 0.01
/** What a process may gain between two looks of the same load: caches that are not yet full, and rows that are kept for ever. */
const HEAP_MB_PER_LOOK = 1.5
/** In the middle of the week, reviews that are under way at the moment of a look come on top. */
const BUSY_HEAP_MB_PER_LOOK = 5

/** What must hold after a soak; empty when it does. */
export function judgeSoak(result: SoakResult): readonly string[] {
  const { deliveries, ledgerUsd, billedUsd } = result
  const apart = billedUsd === 0 ? 0 : Math.abs(ledgerUsd - billedUsd) / billedUsd
  return [
    ...counted(result.podsAtEnd, 'pods live at the end'),
    ...counted(result.jobsOpen, 'jobs never ended'),
    ...counted(deliveries.undone ?? 0, 'deliveries were never worked off'),
    ...counted(deliveries.failed ?? 0, 'deliveries were given up'),
    ...counted(result.tooManyCalls, 'calls were refused for being too many'),
    ...result.lost,
    ...result.twice,
    ...(apart > LEDGER_SHARE ? [`the ledger says $${ledgerUsd}, the bill $${billedUsd}`] : []),
    ...growthOf(result.looks),
  ]
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`]
}

/**
 * Compares looks that have the same load behind them: the third to the fifth, when caches are full and the oldest is dropped again; and
 * the last, after a quiet weekend, to the first, if it holds no more rows.
 */
function growthOf(looks: readonly SoakLook[]): readonly string[] {
  const [first, , before, , after] = looks
  const last = looks.at(-1)
  if (first === undefined || before === undefined || after === undefined || last === undefined) return []
  const busy = (after.heapMb - before.heapMb) / 2
  const whole = (last.heapMb - first.heapMb) / (looks.length - 1)
  const isGrowing = busy > BUSY_HEAP_MB_PER_LOOK || (last.rows <= first.rows && whole > HEAP_MB_PER_LOOK)
  return [
    ...(isGrowing ? [`the heap grows by ${Math.max(busy, whole).toFixed(2)} MB from look to look`] : []),
    ...(last.overdue > 0 ? [`${last.overdue} rows at the end are older than they may be`] : []),
    ...(last.handles > before.handles + 2 ? [`${last.handles} open handles at the end, ${before.handles} before`] : []),
  ]
}
