import { readYaml } from '../../config/read-yaml.ts'
import type { Range } from './plan.ts'
import { findVersion, type PlanVersion } from './version.ts'

export interface FrontMatter {
  readonly version: PlanVersion | null
  readonly versionRange: Range | null
  readonly versionLine: number
  readonly phase: number | null
  readonly owners: readonly string[]
  readonly updated: string | null
  readonly updatedRange: Range | null
  readonly problems: readonly { readonly line: number; readonly message: string }[]
}

const EMPTY: FrontMatter = {
  version: null,
  versionRange: null,
  versionLine: 1,
  phase: null,
  owners: [],
  updated: null,
  updatedRange: null,
  problems: [],
}

/**
 * Reads the YAML between the two `---` lines. All values are taken as text, because the number 0.10 would become 0.1.
 * `startOffset` and `startLine` say where the YAML begins in the file.
 */
export function readFrontMatter(text: string, startOffset: number, startLine: number): FrontMatter {
  const yaml = readYaml(text, { maxChars: 65_536, name: 'the front matter', everythingIsText: true })
  if (!yaml.ok)
    return { ...EMPTY, problems: yaml.problems.map(({ line, message }) => ({ line: startLine + line - 1, message })) }
  const { value } = yaml
  if (value === undefined || value === '') return EMPTY
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return {
      ...EMPTY,
      problems: [{ line: startLine, message: 'the front matter must be a list of "key: value" lines' }],
    }
  }
  const fields = value as Readonly<Record<string, unknown>>
  const problems: { line: number; message: string }[] = []
  const lineOf = (key: string) => startLine + yaml.locate([], key).line - 1
  const read = <T>(key: string, parse: (raw: string) => T | undefined, expected: string): T | null => {
    const raw = fields[key]
    if (raw === undefined || raw === null || raw === '') return null
    const parsed = typeof raw === 'string' ? parse(raw) : undefined
    if (parsed === undefined)
      problems.push({
        line: lineOf(key),
        message: `${key} is ${JSON.stringify(raw).slice(0, 80)}, but must be ${expected}`,
      })
    return parsed ?? null
  }
  const rangeOf = (key: string): Range | null => {
    const range = yaml.rangeOf([key])
    if (range === undefined) return null
    const length = text.slice(range.start, range.end).trimEnd().length
    return { start: startOffset + range.start, end: startOffset + range.start + length }
  }
  return {
    version: read('version', findVersion, 'X.Y or X.Y.Z'),
    versionRange: rangeOf('version'),
    versionLine: lineOf('version'),
    phase: read('phase', (raw) => (/^\d{1,6}$/u.test(raw) ? Number(raw) : undefined), 'the number of a phase'),
    owners: ownersOf(fields.owners),
    updated: read('updated', (raw) => /^\d{4}-\d{2}-\d{2}/u.exec(raw)?.[0], 'a date such as 2026-11-21'),
    updatedRange: rangeOf('updated'),
    problems,
  }
}

function ownersOf(value: unknown): string[] {
  const words = typeof value === 'string' ? value.split(',') : Array.isArray(value) ? value : []
  return words
    .filter((word) => typeof word === 'string')
    .map((word) => word.trim())
    .filter((word) => word !== '')
}
