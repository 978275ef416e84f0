import { parsePodName } from '../../fleet/pod-name.ts'
import { type EngineRun, runOnEngine } from '../../parts/one-shot.ts'
import { isCodedError } from '../../ports/errors.ts'
import { microUsd, usdFromMicroUsd } from '../../ports/money.ts'
import { closingHttp, engineWishOf, type Spent } from '../engine-wish.ts'
import { remedyOf } from '../error.ts'
import { readInputs } from '../inputs.ts'
import { isAlive } from '../is-alive.ts'
import type { ActionWorld } from '../world.ts'
import { GIVEN_BACK, type GatewayMessage, writeGatewayEnd, writeGatewayPid } from './report.ts'
import { serveGateway } from './serve.ts'

export interface GatewayWorld extends ActionWorld {
  readonly folder: string
  readonly pid: number
  readonly tell: (message: GatewayMessage) => void
  /** Told once: nobody needs the pod any more. */
  readonly stop: AbortController
}

const WATCH_MS = 1_000
/** An engine that is not rented has no deadline in a name. */
const LONGEST_MS = 6 * 3_600_000

/**
 * Holds the pod for the steps of a job and gives it back: when `post` says so, when the job is gone, at the pod's deadline, or when
 * the money is spent.
 */
export async function runGateway(world: GatewayWorld): Promise<number> {
  const { folder, stop } = world
  writeGatewayPid(folder, world.pid)
  const watch = setInterval(() => {
    // A parent id of 0 or 1 says nothing: the step runs in a container of its own, which ends with the job.
    if (world.parentPid > 1 && !isAlive(world.parentPid)) stop.abort(new Error('the job is gone'))
  }, WATCH_MS)
  let spent: Spent = { cost: microUsd(0), podName: null }
  const keepSpent = (end: Spent) => {
    spent = end
  }
  const end = (isProvenGone: boolean, reason: string) =>
    writeGatewayEnd(folder, { costUsd: usdFromMicroUsd(spent.cost), podName: spent.podName, isProvenGone, reason })
  try {
    const wish = engineWishOf(readInputs(world.env), world, { folder, onSpent: keepSpent })
    const { isProvenGone } = await closingHttp(() => runOnEngine(wish, (run) => serveUntilStopped(run, world)))
    end(isProvenGone, GIVEN_BACK)
    return 0
  } catch (error) {
    end(false, error instanceof Error ? error.message : String(error))
    world.tell({ kind: 'failed', ...described(error) })
    return stop.signal.aborted ? 0 : 1
  } finally {
    clearInterval(watch)
  }
}

async function serveUntilStopped(run: EngineRun, world: GatewayWorld): Promise<void> {
  const { model, podName, gpu } = run.lease
  const gateway = await serveGateway(run)
  const endsAt = (podName === null ? undefined : parsePodName(podName)?.deadlineAt) ?? run.clock.now() + LONGEST_MS
  const late = setTimeout(() => world.stop.abort(new Error('the deadline came')), Math.max(0, endsAt - run.clock.now()))
  try {
    world.tell({ kind: 'ready', url: gateway.url, key: gateway.key, model, podName, gpu })
    // The wish's signal is the stop: an engine that is lost, or costs too much, ends this with its own reason.
    await ended(run.signal)
    if (world.stop.signal.aborted) return
    world.tell({ kind: 'lost', ...described(run.signal.reason) })
    throw run.signal.reason
  } finally {
    clearTimeout(late)
    await gateway.close()
  }
}

function described(error: unknown): { readonly message: string; readonly exitCode: number } {
  if (!isCodedError(error)) return { message: error instanceof Error ? error.message : String(error), exitCode: 3 }
  return { message: `${error.message} ${remedyOf(error)}`.trim(), exitCode: error.owner === 'user' ? 2 : 3 }
}

function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
