import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
const LIMIT_MS = 110_000

export interface CliEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

export interface CliProcess {
  readonly pid: number
  readonly ended: Promise<CliEnd>
  /** What was written on standard error so far. */
  readonly stderr: () => string
  kill(signal: NodeJS.Signals): void
}

/** `devloop ...` as a process of its own. Killed after two minutes. */
export function runCli(args: readonly string[], wish: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): CliProcess {
  const child = spawn(process.execPath, [join(ROOT, 'cli', 'main.ts'), ...args], {
    cwd: wish.cwd ?? ROOT,
    env: { ...process.env, NO_COLOR: '1', LOG_LEVEL: 'silent', ...wish.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts = { stdout: '', stderr: '' }
  child.stdout?.setEncoding('utf8').on('data', (text) => (texts.stdout += text))
  child.stderr?.setEncoding('utf8').on('data', (text) => (texts.stderr += text))
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS)
  return {
    pid: child.pid ?? 0,
    ended: closed(child).then((code) => {
      clearTimeout(limit)
      return { code, ...texts }
    }),
    stderr: () => texts.stderr,
    kill: (signal) => void child.kill(signal),
  }
}

function closed(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('close', resolve))
}

/** Every process below `pid`, children of children too. */
export function processesBelow(pid: number): readonly number[] {
  const lines = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const pairs = lines.map((line) => line.trim().split(/\s+/u).map(Number))
  const below = (parent: number): number[] =>
    pairs.flatMap(([child = 0, its]) => (its === parent ? [child, ...below(child)] : []))
  return below(pid)
}

/** A zombie that nobody has waited for is no running process. */
export function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
      .trim()
      .startsWith('Z')
  } catch {
    return false
  }
}
