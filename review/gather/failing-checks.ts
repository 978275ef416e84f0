import type { CheckView } from '../../ports/github.ts'

const bad: ReadonlySet<CheckView['conclusion']> = new Set(['failure', 'timed_out', 'error', 'action_required'] as const)
const most = 10
const longest = 300

/** Checks of the head that failed, without our own. */
export function failingChecksOf(checks: readonly CheckView[]): { name: string; summary: string }[] {
  return checks
    .filter(({ name, conclusion }) => bad.has(conclusion) && !name.startsWith('devloop/'))
    .slice(0, most)
    .map(({ name, title, summary }) => ({
      name: name.slice(0, longest),
      summary: (title ?? summary ?? 'failed').slice(0, longest),
    }))
}
