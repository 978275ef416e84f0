import { plainText } from './phase-line.ts'
import type { Range } from './plan.ts'
import { findTitleVersion, type PlanVersion } from './version.ts'

interface TitleRead {
  readonly title: string
  readonly version: { readonly version: PlanVersion; readonly range: Range } | null
  readonly date: { readonly text: string; readonly start: number } | null
}

const DATE_IN_BRACKETS = /\(\s*(\d{4}-\d{2}-\d{2})\s*\)/u

/** What the first heading says: "Shop: Plan v0.2 (2026-11-21)". `at` is where its text begins in the source. */
export function readTitle(raw: string, at: number): TitleRead {
  const version = findTitleVersion(raw)
  const start = version ? at + raw.lastIndexOf(version.text) : at
  const date = DATE_IN_BRACKETS.exec(raw)
  const text = date?.[1]
  return {
    title: plainText(raw),
    version: version ? { version: version.version, range: { start, end: start + version.text.length } } : null,
    date: text === undefined || date === null ? null : { text, start: at + date.index + date[0].indexOf(text) },
  }
}
