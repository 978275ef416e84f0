import { FLEET_TIMINGS, type FleetTimings } from '../../fleet/timings.ts'
import type { LateCreate } from '../../fleet/reap-judge.ts'
import { openAccount } from '../../parts/account.ts'
import { isEmulated, SANDBOX_TIMINGS } from '../../parts/emulated-account.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { usageError } from '../error.ts'
import { createProgress } from '../progress.ts'
import { painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

const PROVE_MS = 90_000
/** Against an emulated account nothing has to settle. */
const LOCAL: FleetTimings = { ...FLEET_TIMINGS, ...SANDBOX_TIMINGS }

export interface PodsReapOptions {
  readonly all?: boolean
  readonly olderThan?: string
  readonly maxReap: number
  readonly json?: boolean
}

/**
 * `devloop pods reap`: ends what is ours and whose holder is gone, and waits for creates of dead processes that may still be on their way.
 * Exit 1 when something is left, 3 when it could not look.
 */
export async function podsReap(options: PodsReapOptions, world: CliWorld): Promise<CommandResult> {
  if (!Number.isInteger(options.maxReap) || options.maxReap < 1)
    throw usageError('--max-reap takes a whole number from 1.', 'Leave it out for 20.')
  const environment = readEnvironment(world.env, world.cwd)
  const account = await openAccount(environment)
  const { settleMs, absenceMs } = isEmulated(environment) ? LOCAL : FLEET_TIMINGS
  const { reap } = await import('../../fleet/reap.ts')
  const progress = createProgress(world, options.json === true)
  const order = {
    installId: account.installId,
    journal: await account.journal.readAll(),
    isAlive,
    all: options.all === true,
    olderThanMs: options.olderThan === undefined ? null : parseAge(options.olderThan),
    maxReap: options.maxReap,
    dryRun: false,
    proveMs: PROVE_MS,
    absenceMs,
    lateMs: settleMs,
    onWait: (creates: readonly LateCreate[]) => progress.say(waitText(creates)),
  }
  const result = await reap(account, order, world.signal).finally(() => progress.end())
  const unproven = result.ended.filter((pod) => !pod.isProvenGone).length
  if (options.json) world.stdout(`${JSON.stringify(result)}\n`)
  else {
    const paint = painter(world)
    const rows = [
      ...result.ended.map((pod) => [
        paint(pod.isProvenGone ? 'good' : 'warn', pod.isProvenGone ? 'gone' : 'told to end'),
        pod.name,
        pod.reason,
      ]),
      ...result.kept.map((pod) => [paint('dim', 'kept'), pod.name, pod.reason]),
    ]
    world.stdout(
      rows.length === 0 ? `Nothing of this installation (${account.installId}) is rented.\n` : `${table(rows)}\n`,
    )
    if (result.left > 0) world.stderr(`devloop: ${result.left} more are due than --max-reap allows; run it again.\n`)
  }
  return { exitCode: result.left > 0 || unproven > 0 ? 1 : 0 }
}

function waitText(creates: readonly LateCreate[]): string {
  const until = Math.max(...creates.map((create) => create.until))
  const what =
    creates.length === 1
      ? 'One create of a process that is gone'
      : `${creates.length} creates of processes that are gone`
  return `${what} may still be on the way; looking until ${new Date(until).toISOString().slice(11, 19)} UTC`
}

/** `1h`, `30m`, `90s`, `2d` in milliseconds. */
function parseAge(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text)
  if (!match?.[1] || !match[2]) throw usageError(`--older-than ${text} is no age.`, 'Write it like 30m, 1h or 2d.')
  const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }[match[2]] ?? 0
  return Number(match[1]) * unitMs
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
