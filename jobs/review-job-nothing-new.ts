import type { CheckRunWish } from '../ports/github.ts'
import type { CommitSha } from '../ports/ids.ts'
import { microUsd } from '../ports/money.ts'
import type { StoredReview } from '../ports/store.ts'
import { reviewCheckName } from '../review/render/check-run.ts'
import { withNothingNew } from '../review/render/nothing-new.ts'
import type { JobContext, JobEnd } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { reactToEnd } from './review-job-react.ts'
import { findSummary, whenPermitted } from './review-job-report.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'

/** The same change under the same settings was reviewed before: that answer stands, and nothing is rented. */
export async function sayNothingNew(
  context: JobContext<ReviewJobRequest>,
  subject: Subject,
  headSha: CommitSha,
  same: StoredReview,
  parts: ReviewJobParts,
): Promise<JobEnd> {
  const { repository } = subject
  const detailsUrl = parts.detailsUrl(same.jobId)
  const sentence = `Nothing new: \`${headSha.slice(0, 10)}\` makes the same change as \`${same.headSha.slice(0, 10)}\`, which was reviewed (${same.outcome}).`
  await context.step('nothing-new', async () => {
    const summary = await findSummary(subject, parts)
    await context.assertOwned()
    if (summary !== undefined) {
      await whenPermitted(() => repository.comments.update(summary.id, withNothingNew(summary.body, sentence)))
    }
    const known = (await repository.checks.list(headSha)).items.find(({ name }) => name === reviewCheckName)
    await whenPermitted(() => repository.checks.write(checkOf(headSha, same, sentence, detailsUrl), known))
    return null
  })
  await context.event('nothing-new', sentence)
  await reactToEnd(context, subject, context.request.comment, true, parts)
  return {
    outcome: same.outcome,
    result: { outcome: same.outcome, nothingNew: true, sameAs: same.id },
    costMicroUsd: microUsd(0),
  }
}

function checkOf(headSha: CommitSha, same: StoredReview, summary: string, detailsUrl: string | null): CheckRunWish {
  return {
    name: reviewCheckName,
    headSha,
    status: 'completed',
    conclusion: same.outcome === 'clean' ? 'success' : 'neutral',
    title: 'Nothing new since the last review',
    summary,
    ...(detailsUrl === null ? {} : { detailsUrl }),
    annotations: [],
    actions: [],
  }
}
