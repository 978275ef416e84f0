import { type MicroUsd, microUsdFromUsd } from '../ports/money.ts'
import { usageError } from './error.ts'

/** What `--max-cost` says, in micro-dollars. */
export function maxCostOf(usd: number): MicroUsd {
  if (!Number.isFinite(usd) || usd < 0)
    throw usageError(
      `--max-cost takes dollars, e.g. 0.50; got ${Number.isNaN(usd) ? 'something else' : usd}.`,
      'Write a number from 0.',
    )
  return microUsdFromUsd(usd)
}
