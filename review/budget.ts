import type { MicroUsd } from '../ports/money.ts'

/** GPU time that one prompt takes with finding and doubting, over all slots. */
const msPerPrompt = 6_000
/** Of the budget, the part that may go to reading; the rest is for renting and starting. */
const readingShare = 0.7
const fewest = 4
const most = 400

/** How many prompts a budget pays for. Never so few that an ordinary change is cut; the fleet stops the job at the cap in any case. */
export function maxPromptsFor(maxMicroUsd: MicroUsd, microUsdPerHour: MicroUsd): number {
  if (microUsdPerHour <= 0) return most
  const readingMs = ((maxMicroUsd * readingShare) / microUsdPerHour) * 3_600_000
  return Math.min(most, Math.max(fewest, Math.floor(readingMs / msPerPrompt)))
}
