import { spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { ActionError } from './error.ts'
import { type GatewayMessage, gatewayMessage, writeGatewayPid } from './gateway/report.ts'
import type { ActionWorld } from './world.ts'

export type GatewayReady = Extract<GatewayMessage, { readonly kind: 'ready' }>

export interface StartedGateway {
  readonly ready: GatewayReady
  /** Aborts when the gateway ends before it was asked to: the money is spent, or the pod is lost. */
  readonly lost: AbortSignal
  /** Resolves when its process has ended: what it had rented is given back, as far as that can be done. */
  readonly ended: Promise<void>
  /** Lets it live on without us. */
  release(): void
  /** Tells it to give the pod back. */
  stop(): void
}

/** Starts the process that rents and holds the pod, and waits until it serves. Throws when it cannot. */
export async function startGateway(world: ActionWorld, folder: string): Promise<StartedGateway> {
  const logFile = openSync(join(folder, 'gateway.log'), 'a', 0o600)
  // The source in a clone, the bundle as GitHub runs it.
  const program = fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? './gateway.ts' : './gateway.js', import.meta.url),
  )
  const child = spawn(process.execPath, [program], {
    detached: true,
    stdio: ['ignore', logFile, logFile, 'ipc'],
    env: { ...world.env, DEVLOOP_FOLDER: folder, DEVLOOP_JOB_PID: String(world.parentPid) },
  })
  closeSync(logFile)
  if (child.pid !== undefined) writeGatewayPid(folder, child.pid)
  const lost = new AbortController()
  let failure: ActionError | undefined
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const stop = () => void child.kill('SIGTERM')
  world.signal.addEventListener('abort', stop, { once: true })
  const ready = await new Promise<GatewayReady>((resolve, reject) => {
    child.on('message', (raw) => {
      const message = gatewayMessage.safeParse(raw).data
      if (message?.kind === 'phase') world.stdout(`${message.text}\n`)
      if (message?.kind === 'ready') resolve(message)
      if (message?.kind === 'lost' || message?.kind === 'failed') failure ??= gatewayFailed(message)
      if (message?.kind === 'lost') lost.abort(failure)
    })
    child.once('error', reject)
    child.once('exit', (code) => {
      const reason = failure ?? gatewayFailed({ message: `The gateway ended (exit ${code}).`, exitCode: 3 })
      lost.abort(reason)
      reject(reason)
    })
  })
  return {
    ready,
    lost: lost.signal,
    ended,
    release() {
      world.signal.removeEventListener('abort', stop)
      if (child.connected) child.disconnect()
      child.unref()
    },
    stop,
  }
}

function gatewayFailed({ message, exitCode }: { readonly message: string; readonly exitCode: number }): ActionError {
  return new ActionError({ code: 'gateway', owner: exitCode === 2 ? 'user' : 'operator', message, remedy: '' })
}
