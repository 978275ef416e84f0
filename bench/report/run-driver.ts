import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

const PATIENCE_MS = 400_000

export type DriverAnswer =
  | { readonly kind: 'measured'; readonly figures: Readonly<Record<string, unknown>> }
  | { readonly kind: 'skipped'; readonly why: string }

/** Runs a driver under bench/ that prints one JSON object, or one sentence when this machine lacks what it needs. */
export async function runDriver(file: string, given: readonly string[]): Promise<DriverAnswer> {
  const path = join(import.meta.dirname, '..', file)
  if (!existsSync(path)) return { kind: 'skipped', why: `bench/${file} is not there.` }
  const { stdout } = await promisify(execFile)(process.execPath, [...process.execArgv, path, ...given], {
    timeout: PATIENCE_MS,
    maxBuffer: 16_000_000,
  })
  const begin = stdout.indexOf('{')
  if (begin < 0) return { kind: 'skipped', why: stdout.trim() || `bench/${file} said nothing.` }
  return { kind: 'measured', figures: JSON.parse(stdout.slice(begin)) as Record<string, unknown> }
}

/** Each number of a driver's answer, under words made of its name: `dispatchP95Ms` becomes `dispatch p95 ms`. */
export function numbersOf(figures: Readonly<Record<string, unknown>>): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(figures).flatMap(([name, value]): [string, number][] =>
      typeof value === 'number'
        ? [[name.replaceAll(/(?<=[a-z])(?=[A-Z])|(?<=\d)(?=[A-Z])/gu, ' ').toLowerCase(), value]]
        : [],
    ),
  )
}
