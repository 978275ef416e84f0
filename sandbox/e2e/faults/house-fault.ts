import type { JobRow } from '../../../ports/store.ts'
import type { RunpodOptions } from '../../runpod/settings.ts'
import { type OpenChange, openChange } from '../__support__/open-change.ts'
import { until } from '../__support__/until.ts'
import { doctorSays } from './doctor-says.ts'
import type { FaultArea, FaultRow } from './fault-row.ts'
import type { House } from './house.ts'
import { judgeLost, SECOND_MICRO_USD } from './judge-lost.ts'
import { Witness } from './witness.ts'

const LIMIT_MS = 120_000
const JOB_LIMIT_MS = 10_000
/** One person asks in every row; rows share a house, and a day. */
const MANY_A_DAY = 'version: 1\nbudget: {perUserJobsPerDay: 1000}\n'

export interface Scene {
  readonly house: House
  readonly change: OpenChange
  /** The API's path of the repository. */
  readonly path: string
  job(): Promise<JobRow | undefined>
  /** Whoever wrote the change asks for a review. */
  ask(command?: string): void
  /** Until the pull request says so. */
  untilSaid(pattern: RegExp): Promise<unknown>
}

/** A fault of a vendor, injected while the product runs in this process. */
export interface HouseFault {
  readonly id: string
  readonly area: FaultArea
  readonly fault: string
  /** Asks for a house of its own. */
  readonly options?: RunpodOptions
  /** Breaks the world and has somebody work in it; comes back when it has been broken for long enough. */
  readonly during: (scene: Scene) => Promise<void>
  readonly heal?: (scene: Scene) => void | Promise<void>
  /** How a review may end; `posted` alone when absent. */
  readonly outcomes?: readonly string[]
  /** How far the ledger may be off by the clock, before the provider's bill puts it right. */
  readonly clockSlackSeconds?: number
}

/** One row of the table: broken, looked at, healed, waited for, compared. */
export async function runHouseFault(house: House, it: HouseFault, withCli: boolean): Promise<FaultRow> {
  const change = await openChange(house, `acme/${it.id}`, { policy: MANY_A_DAY })
  await house.settled()
  const loggedBefore = house.logged.length
  const witness = new Witness(
    change,
    (path) => house.page(path),
    () => house.newestJob(change.name, change.number),
  )
  const scene: Scene = {
    house,
    change,
    path: `/repos/${change.name}`,
    job: () => house.newestJob(change.name, change.number),
    ask: (command = '/devloop review') => void change.bob.comment(change.number, command),
    untilSaid: (pattern) => until(`the pull request to say ${pattern}`, () => witness.hasRead(pattern), LIMIT_MS),
  }
  const trouble: string[] = []
  let healedAt = performance.now()
  let cli = ''
  try {
    await it.during(scene)
    await witness.readDashboard()
    if (withCli) cli = await doctorSays(house.variables)
  } catch (error) {
    trouble.push(String(error))
  }
  house.github.clearFaults()
  healedAt = performance.now()
  try {
    await it.heal?.(scene)
    await until('a job', async () => (await scene.job()) !== undefined, JOB_LIMIT_MS)
    await house.settled()
  } catch (error) {
    trouble.push(String(error))
  }
  const recoverySeconds = Math.round((performance.now() - healedAt) / 100) / 10
  await witness.readDashboard()
  witness.stop()
  const { github, runpod, server } = house
  const store = server.parts.store
  return {
    id: it.id,
    area: it.area,
    fault: it.fault,
    pullRequest: witness.pullRequest(),
    dashboard: witness.dashboard(),
    log: logOf(house.logged.slice(loggedBefore)),
    cli,
    lost: [
      ...trouble,
      ...(await judgeLost(
        { github, runpod, store },
        change,
        it.outcomes ?? ['posted'],
        (it.clockSlackSeconds ?? 0) * SECOND_MICRO_USD,
      )),
    ],
    podsAtEnd: runpod.livePods().length,
    recoverySeconds,
  }
}

/** The two commonest sentences. */
export function logOf(lines: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const line of lines) {
    const sentence = sentenceOf(line)
    if (sentence !== undefined) counts.set(sentence, (counts.get(sentence) ?? 0) + 1)
  }
  const commonest = [...counts].toSorted((a, b) => b[1] - a[1]).slice(0, 2)
  return commonest.map(([sentence, count]) => (count > 1 ? `${sentence} (${count} times)` : sentence)).join('; ')
}

function sentenceOf(line: string): string | undefined {
  try {
    const { level, msg, message } = JSON.parse(line) as Record<string, unknown>
    if ((typeof level === 'number' && level < 40) || level === 'info' || level === 'debug') return undefined
    return String(msg ?? message).replace(/\.$/, '')
  } catch {
    return undefined
  }
}
