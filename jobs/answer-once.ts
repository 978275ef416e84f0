import type { JobContext } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import { whenPermitted, isLost } from './review-job-report.ts'
import type { ReviewJobRequest } from './review-job-request.ts'
import type { Subject } from './review-job-subject.ts'

/** Their clock and ours may differ. */
const EARLIER_MS = 3_600_000

/**
 * Answers with a comment of its own, in the thread where the question was asked. A marker names the job: a comment whose reply was
 * lost, or whose writer died before it could record it, is found and not written again.
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
  const isOnLine = comment?.kind === 'review'
  const isThere = async () => {
    const { login } = await parts.github.identity()
    const since = new Date(context.job.createdAt - EARLIER_MS).toISOString()
    const { items } = isOnLine
      ? await repository.comments.listOnLines(number, since)
      : await repository.comments.list(number, since)
    return items.some(({ author, body: known }) => author?.login === login && known.includes(marker))
  }
  const write = async () => {
    if (isOnLine) await repository.comments.reply(number, comment.id, body)
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
