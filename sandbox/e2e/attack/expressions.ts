import { Lang, parse } from '@ast-grep/napi'
import { readFileSync } from 'node:fs'

export interface Expression {
  readonly file: string
  readonly line: number
  readonly pattern: RegExp
}

/** Every regular expression literal of a source file. */
export function expressionsIn(file: string, source = readFileSync(file, 'utf8')): readonly Expression[] {
  return parse(Lang.TypeScript, source)
    .root()
    .findAll({ rule: { kind: 'regex' } })
    .map((node) => {
      const pattern = node.field('pattern')?.text() ?? ''
      return {
        file,
        line: node.range().start.line + 1,
        pattern: new RegExp(pattern, node.field('flags')?.text() ?? ''),
      }
    })
}

const LIMIT_MS = 40
const LENGTHS = [20, 22, 24, 26, 28, 200, 2_000, 12_000]

/** A text of at most 12,000 characters on which the expression takes long; null when none is known. */
export function slowText({ pattern }: Expression): string | null {
  for (const pump of pumpsOf(pattern.source)) {
    const text = (length: number) => `${pump.repeat(Math.ceil(length / pump.length))}\0`
    if (LENGTHS.some((length) => isSlow(pattern, text(length)))) return JSON.stringify(pump)
  }
  return null
}

function isSlow(pattern: RegExp, text: string): boolean {
  // A busy machine is slow once, a bad expression each time.
  for (let turn = 0; turn < 3; turn++) {
    pattern.lastIndex = 0
    const began = performance.now()
    text.search(pattern)
    const tookMs = performance.now() - began
    if (tookMs < LIMIT_MS) return false
    if (tookMs > 10 * LIMIT_MS) return true
  }
  return true
}

/** What the expression speaks of: its literal runs, one sample of each of its classes, and pairs of them. */
function pumpsOf(source: string): ReadonlySet<string> {
  const runs = source.split(/[\\^$.*+?()[\]{}|]+/u).filter((run) => run !== '' && run.length < 20)
  const singles = new Set(
    [...source.replaceAll(/\\[pP]\{\w+\}/gu, 'é').replaceAll(/[\\^$.*+?()[\]{}|]/gu, '')].slice(0, 10),
  )
  for (const sample of ['a', '0', ' ', '\n', '<', '-', '/']) singles.add(sample)
  const pairs = [...singles].slice(0, 3).flatMap((one) => [...singles].slice(0, 3).map((other) => one + other))
  return new Set([...singles, ...runs, ...runs.map((run) => `${run} `), ...pairs])
}
