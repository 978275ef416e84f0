import { parsePodName } from '../../fleet/pod-name.ts'
import { openAccount } from '../../parts/account.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import { callController } from '../controller.ts'
import { CliError, usageError } from '../error.ts'
import { painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

const PROVE_MS = 90_000
const ABSENCE_MS = 10_000
/** Against an emulated account nothing has to settle. */
const LOCAL_ABSENCE_MS = 500

export interface PodsListOptions {
  readonly all?: boolean
  readonly json?: boolean
}

/** `devloop pods list`: from the provider itself, so that it is true whatever a database says. */
export async function podsList(options: PodsListOptions, world: CliWorld): Promise<CommandResult> {
  const environment = readEnvironment(world.env, world.cwd)
  const { provider, installId } = await openAccount(environment)
  const pods = (await provider.list(world.signal)).filter((pod) => pod.status !== 'TERMINATED')
  const shown = options.all ? pods : pods.filter((pod) => parsePodName(pod.name)?.installId === installId)
  const views = shown.map((pod) => ({
    name: pod.name,
    id: pod.id,
    state: pod.status.toLowerCase(),
    gpu: pod.gpu,
    usdPerHour: usdFromMicroUsd(pod.microUsdPerHour),
    createdAt: new Date(pod.createdAt).toISOString(),
    idleSeconds: null,
    leases: 0,
  }))
  if (options.json) {
    world.stdout(`${JSON.stringify(views)}\n`)
    return { exitCode: 0 }
  }
  const paint = painter(world)
  if (views.length === 0) {
    world.stdout(
      options.all ? 'No pod is rented in this account.\n' : `No pod of this installation (${installId}) is rented.\n`,
    )
    return { exitCode: 0 }
  }
  const rows = views.map((view) => [
    view.name,
    view.id,
    view.state,
    view.gpu ?? '-',
    `$${view.usdPerHour.toFixed(2)}/h`,
    ageOf(view.createdAt),
  ])
  world.stdout(
    `${table([['NAME', 'ID', 'STATE', 'GPU', 'PRICE', 'AGE'].map((text) => paint('dim', text)), ...rows])}\n`,
  )
  return { exitCode: 0 }
}

export async function podsStart(
  options: { readonly model?: string; readonly json?: boolean },
  world: CliWorld,
): Promise<CommandResult> {
  const answer = await callController(
    'POST',
    '/control/start',
    options.model === undefined ? {} : { model: options.model },
    world,
  )
  return say(answer, options.json === true, world)
}

export async function podsStop(
  options: { readonly all?: boolean; readonly json?: boolean },
  world: CliWorld,
): Promise<CommandResult> {
  const answer = options.all
    ? await callController('POST', '/shutdown', { force: true }, world)
    : await callController('POST', '/control/stop', {}, world)
  return say(answer, options.json === true, world)
}

export interface PodsReapOptions {
  readonly all?: boolean
  readonly olderThan?: string
  readonly maxReap: number
  readonly json?: boolean
}

/** `devloop pods reap`: ends what is ours and whose holder is gone. Exit 1 when something is left, 3 when it could not look. */
export async function podsReap(options: PodsReapOptions, world: CliWorld): Promise<CommandResult> {
  if (!Number.isInteger(options.maxReap) || options.maxReap < 1)
    throw usageError('--max-reap takes a whole number from 1.', 'Leave it out for 20.')
  const environment = readEnvironment(world.env, world.cwd)
  const account = await openAccount(environment)
  const { reap } = await import('../../fleet/reap.ts')
  const result = await reap(
    account,
    {
      installId: account.installId,
      journal: await account.journal.readAll(),
      isAlive,
      all: options.all === true,
      olderThanMs: options.olderThan === undefined ? null : parseAge(options.olderThan),
      maxReap: options.maxReap,
      dryRun: false,
      proveMs: PROVE_MS,
      absenceMs: new URL(environment.RUNPOD_API_URL).hostname === '127.0.0.1' ? LOCAL_ABSENCE_MS : ABSENCE_MS,
    },
    world.signal,
  )
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

/** `1h`, `30m`, `90s`, `2d` in milliseconds. */
export function parseAge(text: string): number {
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

function ageOf(isoTime: string): string {
  const minutes = Math.round((Date.now() - Date.parse(isoTime)) / 60_000)
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

function say(answer: unknown, json: boolean, world: CliWorld): CommandResult {
  const message = typeof answer === 'object' && answer !== null && 'message' in answer ? String(answer.message) : ''
  if (json) world.stdout(`${JSON.stringify(answer)}\n`)
  else if (message === '')
    throw new CliError({
      code: 'not-found',
      owner: 'operator',
      message: 'The controller gave no answer.',
      remedy: 'Look at its log.',
    })
  else world.stdout(`${message}\n`)
  return { exitCode: 0 }
}
