import type { CoverageReason, Severity } from '../finding.ts'

/** A mark and the word: colour never stands alone. */
export const severityBadge: Readonly<Record<Severity, string>> = {
  critical: '🟥 critical',
  high: '🟧 high',
  medium: '🟨 medium',
  low: '⬜ low',
}

export const reasonText: Readonly<Record<CoverageReason, string>> = {
  binary: 'binary file',
  submodule: 'submodule pointer',
  'no-text': 'no text changed',
  withheld: 'GitHub does not show this patch',
  unparsed: 'the diff could not be read',
  generated: 'generated file',
  vendored: 'vendored code',
  'lock-file': 'lock file',
  minified: 'minified file',
  snapshot: 'test snapshot',
  'long-lines': 'lines too long to show a model',
  'deleted-file': 'deleted file',
  ignored: 'ignored by review.paths.ignore',
  budget: 'beyond the budget of this review',
  'too-large': 'too large for one prompt',
  'model-failed': 'the model gave no usable answer',
  'no-model': 'no model to be had',
  cancelled: 'the review was cancelled',
  time: 'out of time',
}

/** `3 findings`, `1 finding`. */
export function count(amount: number, noun: string, plural = `${noun}s`): string {
  return `${amount.toLocaleString('en-US')} ${amount === 1 ? noun : plural}`
}

/** `a, b and c`. */
export function listing(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

/** `48 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
