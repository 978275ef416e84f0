import { z } from 'zod'
import type { AgentReview } from '../../governance/snapshot.ts'
import type { RepositoryName } from '../../ports/ids.ts'
import type { ReviewStore, StoredReview } from '../../ports/store.ts'

const body = z.object({
  findings: z.array(z.object({ severity: z.string(), fingerprint: z.string().optional() })),
})

/** DevLoop's own review runs of a pull request. A finding is open until somebody dismisses it. */
export async function agentReviewsOf(
  reviews: ReviewStore,
  repository: RepositoryName,
  number: number,
  login: string,
): Promise<readonly AgentReview[]> {
  const stored = await reviews.list(repository, number)
  if (stored.length === 0) return []
  const dismissed = new Set((await reviews.listDismissals(repository, number)).map(({ fingerprint }) => fingerprint))
  return stored.map((review) => ({
    login,
    headSha: review.headSha,
    outcome: review.outcome,
    coverage: review.fullCoverage ? 'full' : review.outcome === 'failed' ? 'none' : 'partial',
    openSevereFindings: countSevere(review, dismissed),
    finishedAt: new Date(review.createdAt).toISOString(),
  }))
}

/** A body that cannot be read counts as one open finding: nobody is approved by mistake. */
function countSevere(review: StoredReview, dismissed: ReadonlySet<string>): number {
  const parsed = body.safeParse(review.body)
  if (!parsed.success) return review.outcome === 'clean' ? 0 : 1
  return parsed.data.findings.filter(
    ({ severity, fingerprint }) =>
      (severity === 'critical' || severity === 'high') && (fingerprint === undefined || !dismissed.has(fingerprint)),
  ).length
}
