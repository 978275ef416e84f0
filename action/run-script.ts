import { spawn } from 'node:child_process'

const KILL_AFTER_MS = 3_000

/** Runs `script` as a `run:` step would, with bash. Answers its exit code, or 128 + the signal's number. Ended when `signal` aborts. */
export function runScript(
  script: string,
  options: {
    readonly env: Readonly<Record<string, string | undefined>>
    readonly cwd: string
    readonly signal: AbortSignal
  },
): Promise<number> {
  const { env, cwd, signal } = options
  const child = spawn('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
    cwd,
    env: { ...env },
    stdio: ['ignore', 'inherit', 'inherit'],
    detached: true,
  })
  let late: NodeJS.Timeout | undefined
  // The whole group: a script's own children hold the pod as busy as it does.
  const kill = (how: NodeJS.Signals) => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, how)
    } catch {
      // It has ended by itself.
    }
  }
  const end = () => {
    kill('SIGTERM')
    late = setTimeout(() => kill('SIGKILL'), KILL_AFTER_MS)
  }
  if (signal.aborted) end()
  signal.addEventListener('abort', end, { once: true })
  return new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, by) => resolve(code ?? 128 + (by === 'SIGKILL' ? 9 : 15)))
  }).finally(() => {
    clearTimeout(late)
    signal.removeEventListener('abort', end)
  })
}
