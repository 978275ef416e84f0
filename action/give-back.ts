import { type Reaped, reap } from '../fleet/reap.ts'
import { openAccount } from '../parts/account.ts'
import { clock } from '../parts/clock.ts'
import { absenceMsOf } from './emulated-account.ts'
import { closingHttp } from './engine-wish.ts'
import { environmentOf } from './environment.ts'
import { GIVEN_BACK, readGatewayEnd, readGatewayPid } from './gateway/report.ts'
import type { Inputs } from './inputs.ts'
import { isAlive } from './is-alive.ts'
import type { ActionWorld } from './world.ts'

const GATEWAY_MS = 150_000
const POLL_MS = 100
const PROVE_MS = 90_000
/** A pod whose create was under way when its process died may show up late. */
const LATE_LOOKS = 3

export interface GivenBack {
  /** Null when nobody lived to say it. */
  readonly costUsd: number | null
  readonly podNames: readonly string[]
  /** What had to be ended here, since whoever rented it did not. */
  readonly reaped: readonly Reaped[]
  readonly isProvenGone: boolean
  /** Why the engine went away before anybody asked for it back; null when it did not. */
  readonly lostBecause: string | null
}

/** Gives back whatever this step rented, whatever became of its processes. */
export async function giveBack(folder: string, inputs: Inputs, world: ActionWorld): Promise<GivenBack> {
  await endGateway(folder)
  const end = readGatewayEnd(folder)
  const told = { costUsd: end?.costUsd ?? null, lostBecause: end?.reason === GIVEN_BACK ? null : (end?.reason ?? null) }
  const nothing = { ...told, podNames: [], reaped: [], isProvenGone: true }
  if (inputs.engine !== 'runpod' || inputs.controller !== null || inputs.runpodApiKey === null) return nothing
  const environment = environmentOf(inputs, world, folder)
  const account = await openAccount(environment)
  const journal = await account.journal.readAll()
  const created = [...new Set(journal.flatMap((line) => (line.kind === 'create' ? [line.podName] : [])))]
  const settled = new Set(journal.flatMap((line) => (line.kind === 'settle' ? [line.podName] : [])))
  if (created.length === 0) return nothing
  const absenceMs = absenceMsOf(environment)
  const order = {
    installId: account.installId,
    journal,
    isAlive,
    all: false,
    olderThanMs: null,
    maxReap: 50,
    dryRun: false,
    proveMs: PROVE_MS,
    absenceMs,
  }
  return closingHttp(async () => {
    const reaped: Reaped[] = []
    const open = new Set(created.filter((name) => !settled.has(name)))
    for (let look = 1; ; look++) {
      const { ended } = await reap(account, order, world.signal)
      reaped.push(...ended)
      for (const { name } of ended) open.delete(name as (typeof created)[number])
      if (open.size === 0 || look === LATE_LOOKS) break
      await clock.sleep(absenceMs, world.signal)
    }
    return {
      ...told,
      podNames: created,
      reaped,
      isProvenGone: reaped.every((pod) => pod.isProvenGone),
    }
  })
}

/** Asks the gateway to end and waits; one that does not is killed, and its pod is found by the journal. */
async function endGateway(folder: string): Promise<void> {
  const pid = readGatewayPid(folder)
  if (pid === null || !isAlive(pid)) return
  process.kill(pid, 'SIGTERM')
  const until = clock.now() + GATEWAY_MS
  while (isAlive(pid) && clock.now() < until) await clock.sleep(POLL_MS)
  if (isAlive(pid)) process.kill(pid, 'SIGKILL')
}
