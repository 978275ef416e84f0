import type { PhaseState } from './plan.ts'
import { findState, withoutMarks } from './state-marks.ts'

export interface PhaseLine {
  readonly number: number
  readonly title: string
  readonly state: PhaseState | null
}

const DASHES = '-‐‑‒–—―−:|·'
const PHASE = new RegExp(
  `^(?:\\d+(?:\\.\\d+)*[.)]?\\s+)?phase\\s+#?(\\d{1,6})(?![\\w])\\s*(?:[${DASHES}]+|\\.(?=\\s))?\\s*(.*)$`,
  'isu',
)
const IN_BRACKETS = /\(\s*phase\s+(\d{1,6})\s*\)\s*$/iu
// Decoration people put before a heading: any sign that is neither letter, digit, bracket nor quote.
const DECORATION = /^[^\p{L}\p{N}([{"'`]+/u

/** Reads `Phase 1 – Title ✅` with any dash, emoji and mark; undefined when the line is not about a phase. */
export function findPhaseLine(raw: string): PhaseLine | undefined {
  const match = PHASE.exec(plainText(raw).replace(DECORATION, ''))
  if (match === null) return undefined
  return { number: Number(match[1]), title: (match[2] ?? '').trim(), state: findState(raw) }
}

/** The phase a heading such as `2 RunPod Setup (Phase 1)` belongs to. */
export function findPhaseInBrackets(raw: string): PhaseLine | undefined {
  const text = plainText(raw)
  const match = IN_BRACKETS.exec(text.slice(-200))
  if (match === null) return undefined
  const title = text.replace(IN_BRACKETS, '').replace(/^\d+(?:\.\d+)*[.)]?\s+/u, '')
  return { number: Number(match[1]), title: title.trim(), state: findState(raw) }
}

/** Heading text as a reader sees it: without emphasis, marks and doubled white space. */
export function plainText(raw: string): string {
  return withoutMarks(raw)
    .replaceAll(/\*\*|__|`/gu, '')
    .replaceAll(/\s+/gu, ' ')
    .trim()
}
