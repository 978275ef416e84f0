import { GithubError } from '../ports/errors.ts'
import type { CommitSha } from '../ports/ids.ts'
import type { VotedFinding } from '../review/rank/ranked.ts'
import { inlineComment } from '../review/render/inline-comment.ts'
import { reviewMarker } from '../review/render/markers.ts'
import { count } from '../review/render/words.ts'
import type { JobContext } from './definition.ts'
import { isLost } from './review-job-report.ts'
import type { Subject } from './review-job-subject.ts'

/** Whether the findings stand at their lines, and if not, why. */
export interface Posted {
  readonly url: string | null
  readonly refusal: string | null
}

/**
 * Posts the findings as one review: one call, one notification. A marker in its body names the job, so that a review whose reply was
 * lost is found and never posted a second time.
 */
export async function postReview(
  context: JobContext<unknown>,
  subject: Subject,
  headSha: CommitSha,
  findings: readonly VotedFinding[],
): Promise<Posted> {
  const comments = findings.flatMap((finding) => inlineComment(finding) ?? [])
  if (comments.length === 0) return { url: null, refusal: null }
  const marker = reviewMarker(context.job.id)
  const body = `${marker}\nDevLoop found ${count(comments.length, 'thing')} to look at; the summary comment says what was read and what it cost.`
  return context.step('post-review', async () => {
    const earlier = await findPosted(subject, marker)
    if (earlier !== null) return earlier
    await context.assertOwned()
    try {
      const { htmlUrl } = await subject.repository.reviews.create(subject.number, {
        commitSha: headSha,
        body,
        comments,
      })
      return { url: htmlUrl, refusal: null }
    } catch (error) {
      if (isLost(error)) {
        const posted = await findPosted(subject, marker)
        if (posted !== null) return posted
      }
      if (error instanceof GithubError && isFinal(error)) return { url: null, refusal: error.message }
      throw error
    }
  })
}

async function findPosted(
  { repository, number }: Subject,
  marker: string,
): Promise<{ url: null; refusal: null } | null> {
  const { items } = await repository.reviews.list(number)
  return items.some(({ body }) => body.includes(marker)) ? { url: null, refusal: null } : null
}

/** GitHub will say the same again: the commit is gone, a line is not in its diff, or we may not. */
function isFinal(error: GithubError): boolean {
  return ['invalid', 'forbidden', 'not-found'].includes(error.code)
}
