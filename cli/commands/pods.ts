import { parsePodName } from '../../fleet/pod-name.ts'
import { openAccount } from '../../parts/account.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import { callController } from '../controller.ts'
import { CliError } from '../error.ts'
import { painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

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
