import { fork } from 'node:child_process'
import { join } from 'node:path'
import { z } from 'zod'

export interface Target {
  readonly url: string
  readonly secret: string
  readonly pid: number
  stop(): Promise<void>
}

const started = z.object({ url: z.string(), secret: z.string() })

/** Starts a server of this folder as a process of its own and waits until it listens. */
export async function startTarget(file: string, nodeOptions: readonly string[] = []): Promise<Target> {
  const child = fork(join(import.meta.dirname, file), {
    execArgv: [...nodeOptions],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  const { promise, resolve, reject } = Promise.withResolvers<z.infer<typeof started>>()
  child.once('message', (message) => resolve(started.parse(message)))
  void ended.then((code) => reject(new Error(`${file} ended with ${code} before it listened.`)))
  return {
    ...(await promise),
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM')
      await ended
    },
  }
}
