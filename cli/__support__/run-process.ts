import { spawn } from 'node:child_process'
import { join } from 'node:path'

export interface ProcessEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

const MAIN = join(import.meta.dirname, '..', 'main.ts')

/** `devloop` as a process of its own, as a person starts it. `until` answers once stderr shows the pattern. */
export function startProcess(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stdout = ''
  let stderr = ''
  const { promise: end, resolve } = Promise.withResolvers<ProcessEnd>()
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  const said = (pattern: RegExp) =>
    new Promise<void>((done, fail) => {
      const look = () => {
        if (pattern.test(stderr)) done()
      }
      child.stderr.on('data', look)
      child.once('close', () => fail(new Error(`it ended before it said ${pattern}: ${stderr}`)))
      look()
    })
  return { pid: child.pid, end, said, stderr: () => stderr, kill: (name: NodeJS.Signals) => child.kill(name) }
}
