import type { Log } from '../../../ports/log.ts'
import { judgeSoak } from '../soak/judge-soak.ts'
import { dayWithoutGithub } from '../soak/soak-orders.ts'
import { runSoak } from '../soak/soak-run.ts'
import type { FaultRow } from './fault-row.ts'

/** GitHub's secondary limit: points a minute for REST, one for a read. */
const CALLS_PER_MINUTE = 900

/** Told in virtual time: the same server, a GitHub in memory, and a day that passes in seconds. */
export const longOutage = {
  id: 'github-day-outage',
  async run(): Promise<FaultRow> {
    const said = new Map<string, number>()
    const result = await runSoak({ ...dayWithoutGithub(1), log: countingLog(said) })
    const { pullRequests, governed, commands, answered, refused, redelivered, deliveries } = result
    const commonest = [...said].toSorted((a, b) => b[1] - a[1]).slice(0, 2)
    return {
      id: this.id,
      area: 'GitHub',
      fault: 'away for 24 h: answers nothing, delivers nothing, while people go on (virtual time)',
      pullRequest: `${governed} of ${pullRequests} pull requests have their verdict; of ${commands} commands ${answered} are done and ${refused} refused with a reason`,
      dashboard: `deliveries: ${deliveries.handled} handled, ${deliveries.failed} failed, ${deliveries.undone} not yet done`,
      log: commonest.map(([message, count]) => `${message.replace(/\.$/, '')} (${count} times)`).join('; '),
      cli: `${redelivered} redeliveries asked for, oldest first; at most ${result.mostCallsPerMinute} calls in a minute`,
      lost: [
        ...judgeSoak(result),
        ...(result.redeliveredOutOfOrder > 0 ? [`${result.redeliveredOutOfOrder} redeliveries out of order`] : []),
        ...(result.mostCallsPerMinute > CALLS_PER_MINUTE ? [`${result.mostCallsPerMinute} calls in a minute`] : []),
      ],
      podsAtEnd: result.podsAtEnd,
      recoverySeconds: Math.round(result.caughtUpMs / 1_000),
    }
  },
}

function countingLog(said: Map<string, number>): Log {
  const count = (_facts: unknown, message: string) => void said.set(message, (said.get(message) ?? 0) + 1)
  const nothing = () => {}
  return { debug: nothing, info: nothing, warn: count, error: count }
}
