import { z } from 'zod'
import type { Json, StoredDismissal } from '../../ports/store.ts'
import { categories, severities } from '../finding.ts'
import { reviewJson } from '../render/json.ts'
import type { ReviewResult } from '../result.ts'
import type { LineKeys } from './line-keys.ts'
import type { Dismissal, EarlierFinding, Memory } from './memory.ts'
import type { VotedFinding } from './ranked.ts'

const earlierFinding = z.object({
  id: z.string(),
  path: z.string(),
  line: z.number().nullable(),
  severity: z.enum(severities),
  category: z.enum(categories),
  title: z.string(),
  quote: z.string(),
  suggestion: z.string().optional(),
})

const storedBody = z.object({
  shown: z.array(earlierFinding),
  fixed: z.array(z.string()),
  seen: z.record(z.string(), z.array(z.string())),
})

/** What is stored of a review: the public JSON, and what later rounds must remember. */
export function reviewBody(result: ReviewResult, seen: LineKeys): Json {
  const { inline, folded, fixed } = result.ranking
  return {
    review: reviewJson(result),
    shown: [...inline, ...folded].map(shownJson),
    fixed: fixed.map(({ id }) => id),
    seen: Object.fromEntries(Object.entries(seen).map(([path, keys]) => [path, [...keys]])),
  }
}

function shownJson({ id, path, line, severity, category, title, quote, suggestion }: VotedFinding) {
  return { id, path, line, severity, category, title, quote, ...(suggestion === undefined ? {} : { suggestion }) }
}

/** A conversation of ours on the diff, as GitHub shows it now. */
export interface FindingThread {
  readonly id: string
  readonly isResolved: boolean
  /** Login of somebody who gave our comment a 👎; null when nobody did. */
  readonly thumbsDownBy: string | null
}

/** The memory of a pull request from its stored reviews (newest first), its dismissals and its threads. */
export function memoryOf(
  reviews: readonly { readonly outcome: string; readonly body: Json }[],
  dismissals: readonly Pick<StoredDismissal, 'fingerprint' | 'by' | 'reason'>[],
  threads: readonly FindingThread[],
): Memory {
  const bodies = reviews.flatMap(({ outcome, body }) => {
    const parsed = storedBody.safeParse(body)
    return parsed.success ? [{ outcome, ...parsed.data }] : []
  })
  const earlier = new Map<string, EarlierFinding>()
  for (const finding of bodies.flatMap((body) => body.shown)) {
    if (!earlier.has(finding.id)) earlier.set(finding.id, withoutUndefined(finding))
  }
  const fixed = new Set(bodies.flatMap((body) => body.fixed))
  return {
    rounds: bodies.filter(({ outcome }) => outcome !== 'failed').length,
    earlier: [...earlier.values()].filter(({ id }) => !fixed.has(id)),
    dismissals: [...dismissals.map(dismissalOf), ...threads.flatMap((thread) => threadDismissal(thread, fixed))],
    seen: unite(bodies.map((body) => body.seen)),
  }
}

function dismissalOf({ fingerprint, by, reason }: Pick<StoredDismissal, 'fingerprint' | 'by' | 'reason'>): Dismissal {
  return { id: fingerprint, because: `dismissed by ${by}${reason === '' ? '' : `: ${reason}`}`, isSettled: true }
}

/** A thread that we resolved ourselves because its code was gone dismisses nothing: the defect may come back. */
function threadDismissal({ id, isResolved, thumbsDownBy }: FindingThread, fixed: ReadonlySet<string>): Dismissal[] {
  if (thumbsDownBy !== null) return [{ id, because: `👎 from ${thumbsDownBy}`, isSettled: false }]
  return isResolved && !fixed.has(id) ? [{ id, because: 'its thread was resolved', isSettled: false }] : []
}

function unite(seen: readonly LineKeys[]): LineKeys {
  const united: Record<string, string[]> = {}
  for (const keys of seen) {
    for (const [path, lines] of Object.entries(keys)) united[path] = [...new Set([...(united[path] ?? []), ...lines])]
  }
  return united
}

function withoutUndefined({ suggestion, ...finding }: z.infer<typeof earlierFinding>): EarlierFinding {
  return suggestion === undefined ? finding : { ...finding, suggestion }
}
