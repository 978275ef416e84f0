import { styleText } from 'node:util'
import type { CliWorld } from './world.ts'

export type Tone = 'good' | 'bad' | 'warn' | 'dim' | 'strong' | 'accent'

const FORMATS = { good: 'green', bad: 'red', warn: 'yellow', dim: 'dim', strong: 'bold', accent: 'cyan' } as const

export type Paint = (tone: Tone, text: string) => string

/** Colours mean something and can be switched off: `NO_COLOR` (any value), a pipe, or `TERM=dumb`. */
export function hasColours(world: Pick<CliWorld, 'env' | 'isTty'>): boolean {
  return world.isTty && !world.env.NO_COLOR && world.env.TERM !== 'dumb'
}

export function painter(world: Pick<CliWorld, 'env' | 'isTty'>): Paint {
  const colours = hasColours(world)
  return (tone, text) => (colours ? styleText(FORMATS[tone], text, { validateStream: false }) : text)
}

/** Columns that line up; the last one is not padded. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = []
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, visibleLength(cell))
    })
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) =>
          column === row.length - 1 ? cell : cell + ' '.repeat((widths[column] ?? 0) - visibleLength(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

function visibleLength(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences are what is removed here
  return text.replaceAll(/\x1b\[[0-9;]*m/g, '').length
}
