import { type ChildProcess, spawn } from 'node:child_process'
import { log } from './log.ts'

export interface Supervised {
  /** Sends the signal on and waits for the end, at most as long as said; then kills. */
  readonly stop: (signal: NodeJS.Signals, withinMs: number) => Promise<void>
}

const longestPauseMs = 30_000

/** Starts the command and starts it again whenever it ends, with growing pauses. */
export function supervise(
  command: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  onRestart: () => void,
  firstPauseMs = 500,
): Supervised {
  let child: ChildProcess | undefined
  let timer: NodeJS.Timeout | undefined
  let isStopping = false
  let pauseMs = firstPauseMs

  const start = (isAgain: boolean): void => {
    const [program = '', ...rest] = command
    const startedAt = performance.now()
    child = spawn(program, rest, { env: { ...environment }, stdio: ['ignore', 'inherit', 'inherit'] })
    child.once('error', (problem) => log('ollama-not-started', { error: problem.message }))
    child.once('close', (code, signal) => {
      child = undefined
      if (isStopping) return
      pauseMs = performance.now() - startedAt > 60_000 ? firstPauseMs : Math.min(pauseMs * 2, longestPauseMs)
      log('ollama-ended', { code, signal, againInMs: pauseMs })
      timer = setTimeout(() => start(true), pauseMs)
    })
    if (isAgain) onRestart()
  }
  start(false)

  return {
    stop: async (signal, withinMs) => {
      isStopping = true
      clearTimeout(timer)
      const last = child
      if (last === undefined) return
      await new Promise<void>((resolve) => {
        const kill = setTimeout(() => last.kill('SIGKILL'), withinMs)
        last.once('close', () => {
          clearTimeout(kill)
          resolve()
        })
        last.kill(signal)
      })
    },
  }
}
