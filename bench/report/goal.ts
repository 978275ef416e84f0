import type { Goal } from './line-result.ts'
import { formatNumber } from './format-number.ts'

export type Standing = 'met' | 'missed' | 'not measured'

export function standingOf({ value, sign, limit }: Goal): Standing {
  if (value === null || Number.isNaN(value)) return 'not measured'
  return (sign === '>=' ? value >= limit : value <= limit) ? 'met' : 'missed'
}

export function renderLimit({ sign, limit, unit }: Goal): string {
  return `${sign === '>=' ? 'at least' : 'at most'} ${withUnit(formatNumber(limit), unit)}`
}

export function renderValue({ value, unit, digits }: Goal): string {
  return value === null || Number.isNaN(value) ? '–' : withUnit(formatNumber(value, digits), unit)
}

function withUnit(number: string, unit: string): string {
  return unit === '' ? number : `${number} ${unit}`
}
