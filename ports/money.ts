declare const microUsdBrand: unique symbol
/** Money as integer millionths of a dollar, so that sums are exact. */
export type MicroUsd = number & { readonly [microUsdBrand]: true }

const MICRO_PER_USD = 1_000_000
const MS_PER_HOUR = 3_600_000

export function microUsd(value: number): MicroUsd {
  if (!Number.isSafeInteger(value)) throw new RangeError(`money is a whole number of micro-dollars, got ${value}`)
  return value as MicroUsd
}

/** Rounds to the nearest micro-dollar; the vendors quote dollars as decimal numbers. */
export function microUsdFromUsd(usd: number): MicroUsd {
  return microUsd(Math.round(usd * MICRO_PER_USD))
}

export function usdFromMicroUsd(value: MicroUsd): number {
  return value / MICRO_PER_USD
}

/** What `durationMs` costs at an hourly rate, rounded up: a ledger may only err on the careful side. */
export function costOf(microUsdPerHour: MicroUsd, durationMs: number): MicroUsd {
  return microUsd(Math.ceil((microUsdPerHour * Math.max(0, durationMs)) / MS_PER_HOUR))
}

/** `$0.0123`: four places below a dollar, two from there on. */
export function formatUsd(value: MicroUsd): string {
  const usd = usdFromMicroUsd(value)
  return `${usd < 0 ? '-' : ''}$${Math.abs(usd).toFixed(Math.abs(usd) < 1 ? 4 : 2)}`
}
