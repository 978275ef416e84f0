import type { PhaseState } from './plan.ts'

const MARKS: Readonly<Record<string, PhaseState>> = {
  '✅': 'done',
  '☑': 'done',
  '✔': 'done',
  '⏳': 'current',
  '⌛': 'current',
  '🚧': 'current',
  '🔄': 'current',
  '⬜': 'open',
  '☐': 'open',
  '□': 'open',
}

/** Signs that say how far something is; with the variation selector some keyboards add. */
const MARK = /(?:✅|☑|✔|⏳|⌛|🚧|🔄|⬜|☐|□)\uFE0F?/gu
const YOU_ARE_HERE = /(?:\*\*|__)?\(\s*you are here\s*\)(?:\*\*|__)?/giu

const MARK_OF_STATE: Readonly<Record<PhaseState, string>> = { done: '✅', current: '⏳', open: '⬜' }

/** The state the marks of a line name; null when it has none. */
export function findState(text: string): PhaseState | null {
  const sign = text.match(MARK)?.[0].replace('\uFE0F', '')
  if (sign !== undefined) return MARKS[sign] ?? null
  return text.search(YOU_ARE_HERE) >= 0 ? 'current' : null
}

/** The text without state marks: what the semantic hash and titles see. */
export function withoutMarks(text: string): string {
  return text.replace(MARK, '').replace(YOU_ARE_HERE, '')
}

const AT_END = new RegExp(`\\s*(?:${MARK.source}|${YOU_ARE_HERE.source})\\s*$`, 'iu')

/** The text without state marks at its end. */
export function withoutTrailingMarks(text: string): string {
  let rest = text
  for (;;) {
    const match = AT_END.exec(rest.slice(-40))
    if (match === null) return rest
    rest = rest.slice(0, -match[0].length)
  }
}

/** The line with its first state mark set to `state`; unchanged when it has none. */
export function withState(line: string, state: PhaseState): string {
  return line.replace(new RegExp(MARK.source, 'u'), MARK_OF_STATE[state])
}
