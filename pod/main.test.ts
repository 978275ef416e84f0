import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'

let guard: ChildProcess | undefined
let folder: string | undefined

afterEach(() => {
  if (guard?.exitCode === null) guard.kill('SIGKILL')
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true })
})

async function eventually(what: string, holds: () => boolean): Promise<void> {
  for (let turn = 0; turn < 700; turn += 1) {
    if (holds()) return
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  expect.fail(`never came: ${what}`)
}

function startGuard(environment: Readonly<Record<string, string>>): { readonly output: () => string } {
  let output = ''
  guard = spawn(process.execPath, [new URL('main.ts', import.meta.url).pathname], {
    env: { PATH: process.env.PATH, GUARD_HOST: '127.0.0.1', GUARD_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const collect = (part: unknown): void => {
    output += part
  }
  guard.stdout?.on('data', collect)
  guard.stderr?.on('data', collect)
  return { output: () => output }
}

test('supervises Ollama: starts it again when it ends, keeps its secrets from it, and passes the signal on', async () => {
  folder = mkdtempSync(join(tmpdir(), 'guard-'))
  const script = join(folder, 'serve.cjs')
  const notes = join(folder, 'notes')
  writeFileSync(
    script,
    `const fs = require('node:fs')
const note = (text) => fs.appendFileSync(${JSON.stringify(notes)}, text + '\\n')
note('start ' + Boolean(process.env.GUARD_TOKEN || process.env.RUNPOD_API_KEY) + ' ' + process.env.OLLAMA_HOST)
const starts = fs.readFileSync(${JSON.stringify(notes)}, 'utf8').split('start').length - 1
if (starts === 1) process.exit(1)
process.on('SIGTERM', () => { note('term'); process.exit(0) })
setInterval(() => {}, 1000)`,
  )
  const written = (): string => {
    try {
      return readFileSync(notes, 'utf8')
    } catch {
      return ''
    }
  }
  startGuard({
    GUARD_TOKEN: 'tok',
    RUNPOD_API_KEY: 'scoped',
    GUARD_DEADLINE: '9999999999',
    OLLAMA_URL: 'http://127.0.0.1:11999',
    GUARD_OLLAMA_COMMAND: `${process.execPath} ${script}`,
  })
  await eventually('a second start', () => written().split('start').length === 3)
  expect(written()).toBe('start false 127.0.0.1:11999\nstart false 127.0.0.1:11999\n')
  guard?.kill('SIGTERM')
  await eventually('the end', () => guard?.exitCode === 0)
  expect(written()).toMatch(/term\n$/)
})

test('a guard told nothing does not end: it refuses everybody and tries to remove its pod', async () => {
  const { output } = startGuard({ GUARD_REMOVE_EVERY_MS: '10' })
  await eventually('tries', () => output().split('removal-tried').length > 4)
  const port = /"port":(\d+)/.exec(output())?.[1]
  expect((await fetch(`http://127.0.0.1:${port}/guard/status`, { headers: { authorization: 'Bearer ' } })).status).toBe(
    401,
  )
  expect(guard?.exitCode).toBeNull()
})
