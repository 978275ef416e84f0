import type { Cell } from './line-result.ts'

/** Without `digits`: three figures that count, whole numbers whole; thousands apart. */
export function formatNumber(value: number, digits?: number): string {
  if (digits !== undefined)
    return value.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits })
  if (Number.isInteger(value) || Math.abs(value) >= 100)
    return value.toLocaleString('en-US', { maximumFractionDigits: 0 })
  return value.toLocaleString('en-US', { maximumSignificantDigits: 3 })
}

export function formatCell(cell: Cell, digits?: number): string {
  if (cell === null) return '–'
  return typeof cell === 'number' ? formatNumber(cell, digits) : cell
}
