import { z } from 'zod'
import type { AgentReview } from '../../governance/snapshot.ts'
import type { RepositoryName } from '../../ports/ids.ts'
import type { ReviewStore } from '../../ports/store.ts'

const body = z.object({
  shown: z.array(z.object({ id: z.string(), severity: z.string() })),
  fixed: z.array(z.string()),
})

/**
 * DevLoop's own review runs of a pull request, newest first. A finding of an earlier round stays open until its code is gone or
 * somebody dismisses it, since later rounds do not repeat it.
 */
export async function agentReviewsOf(
  reviews: ReviewStore,
  repository: RepositoryName,
  number: number,
  login: string,
): Promise<readonly AgentReview[]> {
  const stored = await reviews.list(repository, number)
  if (stored.length === 0) return []
  const dismissed = (await reviews.listDismissals(repository, number)).map(({ fingerprint }) => fingerprint)
  const bodies = stored.map((review) => body.safeParse(review.body).data)
  return stored.map((review, index) => {
    const rounds = bodies.slice(index)
    const settled = new Set([...dismissed, ...rounds.flatMap((round) => round?.fixed ?? [])])
    const severe = new Set(rounds.flatMap((round) => (round?.shown ?? []).filter(isSevere).map(({ id }) => id)))
    const open = [...severe].filter((id) => !settled.has(id)).length
    return {
      login,
      headSha: review.headSha,
      outcome: review.outcome,
      coverage: review.fullCoverage ? 'full' : review.outcome === 'failed' ? 'none' : 'partial',
      // A round that cannot be read counts as a finding: nobody is approved by mistake.
      openSevereFindings: open + rounds.filter((round) => round === undefined).length,
      finishedAt: new Date(review.createdAt).toISOString(),
    }
  })
}

function isSevere({ severity }: { readonly severity: string }): boolean {
  return severity === 'critical' || severity === 'high'
}
