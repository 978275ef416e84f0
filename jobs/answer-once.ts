import type { JobContext } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { whenPermitted, isLost } from './review-job-report.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'

/**
 * Answers with a comment of its own, in the thread where the question was asked. A marker names the job: a comment whose reply was
 * lost is found and not written again.
 */
export async function answerOnce(
  context: JobContext<unknown>,
  { repository, number }: Subject,
  comment: ReviewJobRequest['comment'],
  text: string,
  parts: Pick<ReviewJobParts, 'github'>,
): Promise<void> {
  const marker = `<!-- devloop:answer:${context.job.id} -->`
  const body = `${marker}\n${text}`
  const isThere = async () => {
    const { login } = await parts.github.identity()
    const { items } = await repository.comments.list(number)
    return items.some(({ author, body: known }) => author?.login === login && known.includes(marker))
  }
  const write = async () => {
    if (comment?.kind === 'review') await repository.comments.reply(number, comment.id, body)
    else await repository.comments.create(number, body)
  }
  await context.step('answer', async () => {
    if (await isThere()) return null
    await context.assertOwned()
    await whenPermitted(async () => {
      try {
        await write()
      } catch (error) {
        if (!isLost(error) || !(await isThere())) throw error
      }
    })
    return null
  })
}
