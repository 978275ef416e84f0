import { isCodedError } from '../ports/errors.ts'
import type { JobContext } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'

/** 👀 becomes 🚀 or 😕. A courtesy: what GitHub refuses here is only logged. */
export async function reactToEnd(
  context: JobContext<unknown>,
  { repository }: Subject,
  comment: ReviewJobRequest['comment'],
  isGood: boolean,
  parts: Pick<ReviewJobParts, 'log'>,
): Promise<void> {
  if (comment === null) return
  await context.step('react', async () => {
    await context.assertOwned()
    try {
      await repository.comments.react(comment.kind, comment.id, isGood ? 'rocket' : 'confused')
      await repository.comments.unreact(comment.kind, comment.id, 'eyes')
    } catch (error) {
      if (!isCodedError(error)) throw error
      parts.log.warn({ job: context.job.id, code: error.code }, 'a reaction could not be set')
    }
    return null
  })
}
