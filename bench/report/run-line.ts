import { fork } from 'node:child_process'
import { loadavg } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Line } from '../lines.ts'
import { type Figures, figuresSchema, type LineResult } from './line-result.ts'
import { thisMachine } from './machine.ts'

const messageSchema = z.union([z.object({ say: z.string() }), z.object({ figures: figuresSchema })])
/** A line that takes so many times its usual time hangs. */
const PATIENCE = 5
const LEAST_PATIENCE_MS = 120_000

export type LineEnd =
  | { readonly kind: 'measured'; readonly result: LineResult }
  | { readonly kind: 'failed'; readonly why: string }

/** Runs one line in a process of its own and hears it out. */
export async function runLine(
  line: Line,
  { isQuick, say }: { readonly isQuick: boolean; readonly say: (what: string) => void },
): Promise<LineEnd> {
  const loadBefore = loadavg()[0] ?? 0
  const startedAt = Date.now()
  let figures: Figures | undefined
  let said = ''
  const child = fork(join(import.meta.dirname, '..', line.file), isQuick ? ['--quick'] : [], {
    execArgv: [...(line.nodeOptions ?? [])],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-4_000)
  })
  child.on('message', (message) => {
    const heard = messageSchema.parse(message)
    if ('say' in heard) say(heard.say)
    else figures = heard.figures
  })
  const patienceMs = Math.max(LEAST_PATIENCE_MS, line.seconds * 1_000 * PATIENCE)
  const limit = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  const ended = Promise.withResolvers<string>()
  child.once('error', (error) => ended.resolve(error.message))
  child.once('close', (code, signal) =>
    ended.resolve(signal === 'SIGKILL' ? `no end after ${patienceMs / 1000} s` : `exit ${code}`),
  )
  const how = await ended.promise
  clearTimeout(limit)
  if (figures === undefined) return { kind: 'failed', why: `${how}; ${said.trim().split('\n').slice(-12).join('\n')}` }
  return {
    kind: 'measured',
    result: {
      line: line.id,
      takenAt: new Date(startedAt).toISOString(),
      isQuick,
      seconds: Math.round((Date.now() - startedAt) / 100) / 10,
      loadBefore: Math.round(loadBefore * 100) / 100,
      machine: thisMachine(),
      ...figures,
    },
  }
}
