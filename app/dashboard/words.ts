import { formatUsd, type MicroUsd, microUsdFromUsd } from '../../ports/money.ts'

const SECOND_MS = 1_000
const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/** `450 ms`, `12.3 s`, `4 min 05 s`, `2 h 10 min`, `3 d 4 h`. */
export function durationText(ms: number): string {
  if (ms < SECOND_MS) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(1)} s`
  const seconds = Math.floor(ms / SECOND_MS)
  if (ms < HOUR_MS) return `${Math.floor(seconds / 60)} min${seconds % 60 === 0 ? '' : ` ${twoDigits(seconds % 60)} s`}`
  const minutes = Math.floor(ms / MINUTE_MS)
  if (ms < DAY_MS) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
  return `${Math.floor(ms / DAY_MS)} d ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`
}

/** `just now`, `5 min ago`; the exact time stands beside it. */
export function agoText(at: number, now: number): string {
  const ms = now - at
  if (ms < 10 * SECOND_MS) return 'just now'
  if (ms < MINUTE_MS) return `${Math.floor(ms / SECOND_MS)} s ago`
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ago`
  if (ms < 2 * DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ago`
  return `${Math.floor(ms / DAY_MS)} days ago`
}

/** `2026-11-21 13:05:09 UTC`. */
export function timeText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export function usdText(usd: number): string {
  return moneyText(microUsdFromUsd(usd))
}

/** Small sums with four places; nothing is nothing. */
export function moneyText(value: MicroUsd): string {
  return value === 0 ? '$0' : formatUsd(value)
}

/** `$0.69`: prices have cents. */
export function priceText(usd: number): string {
  return `$${usd.toFixed(2)}`
}

export function percentText(ratio: number): string {
  return `${(ratio * 100).toFixed(1)} %`
}

export function countText(count: number, one: string): string {
  return `${count.toLocaleString('en-US')} ${one}${count === 1 ? '' : 's'}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
