import type { CoverageEntry } from '../finding.ts'
import { codeSpan, table } from './markdown-text.ts'
import { count, reasonText } from './words.ts'

/** The ledger as a table, cut honestly after `limit` rows. */
export function coverageTable(entries: readonly CoverageEntry[], limit: number): string {
  const rows = entries.slice(0, limit).map(({ path, hunk, state, reason }) => {
    return [codeSpan(path), hunk === 'file' ? 'whole file' : codeSpan(hunk), state, reason ? reasonText[reason] : '']
  })
  const cut = entries.length - rows.length
  const shown = table(['file', 'hunk', 'state', 'why'], rows)
  return cut === 0 ? shown : `${shown}\n\n… and ${count(cut, 'more row')}: this comment has no room for them.`
}

/** `lock file: 2, binary file: 1`, most first. */
export function reasonCounts(entries: readonly CoverageEntry[]): string {
  const counts = new Map<string, number>()
  for (const { reason } of entries) {
    if (reason !== undefined) counts.set(reasonText[reason], (counts.get(reasonText[reason]) ?? 0) + 1)
  }
  return [...counts]
    .sort((left, right) => right[1] - left[1])
    .map(([reason, amount]) => `${reason}: ${amount}`)
    .join(', ')
}
