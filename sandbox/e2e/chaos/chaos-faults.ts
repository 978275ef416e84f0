import type { ProcessResult } from './process-order.ts'

/** Twice what the daily comparison takes for an alarm: these pods live for seconds, and half of one is lost with each that dies alone. */
const MOST_BY_THE_CLOCK_PERCENT = 10

/** What must hold of a run with real processes; empty when all does. */
export function chaosFaults(result: ProcessResult, maxLive = 1): readonly string[] {
  return [
    result.liveAtEnd > 0 ? `${result.liveAtEnd} pods live at the end` : '',
    result.maxLive > maxLive ? `${result.maxLive} pods at once, ${maxLive} allowed` : '',
    result.lost > 0 ? `${result.lost} jobs lost` : '',
    result.twice > 0 ? `${result.twice} jobs done twice` : '',
    result.unbilled > 0 ? `${result.unbilled} pods whose bill was never read` : '',
    result.ledgerPercent > 1 ? `ledger and bill differ by ${result.ledgerPercent} %` : '',
    result.clockPercent > MOST_BY_THE_CLOCK_PERCENT
      ? `the clock alone and the bill differ by ${result.clockPercent} %`
      : '',
  ].filter((fault) => fault !== '')
}
