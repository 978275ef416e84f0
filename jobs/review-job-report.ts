import { GithubError, isCodedError } from '../ports/errors.ts'
import type { CheckRunWish } from '../ports/github.ts'
import type { CommitSha } from '../ports/ids.ts'
import { reviewCheckName } from '../review/render/check-run.ts'
import { summaryMarker } from '../review/render/markers.ts'
import { type Progress, progressLine, progressTitle, renderProgress } from '../review/render/progress.ts'
import type { JobContext } from './definition.ts'
import type { ReviewJobParts } from './review-job-parts.ts'
import type { Subject } from './review-job-subject.ts'

/** Edits of the comment while the review runs: no oftener than this, except when the phase changes. */
const editEveryMs = 15_000

/** Where a review shows itself on GitHub: the one summary comment and the check run. */
export interface Report {
  /** Finds or makes comment and check run. False when GitHub lets us write neither: then nobody would see the review. */
  begin(progress: Progress): Promise<boolean>
  /** Shows where the review is; returns at once. What comes too soon after the last edit is shown later, unless something newer is. */
  progress(progress: Progress): void
  /** Shows no more progress: what is said next is how it ended. */
  stop(): void
  /** Replaces the comment and completes the check run; both recorded, so that neither is written twice. */
  end(text: string, check: CheckRunWish): Promise<void>
}

export function createReport(
  context: JobContext<unknown>,
  subject: Subject,
  headSha: CommitSha,
  parts: ReviewJobParts,
): Report {
  const { repository, number } = subject
  let pending: Promise<unknown> = Promise.resolve()
  let lastEdit = { at: Number.NEGATIVE_INFINITY, phase: '' }
  let held: Progress | undefined
  let isWaiting = false
  const over = new AbortController()

  const commentId = () => context.step('summary-comment', () => whenPermitted(() => findOrCreateComment()))
  const checkId = (progress: Progress) =>
    context.step('check-begin', () => whenPermitted(() => beginCheck(checkWish(headSha, progress))))

  async function findOrCreateComment(): Promise<number> {
    const known = await findSummary(subject, parts)
    if (known !== undefined) return known.id
    await context.assertOwned()
    try {
      return (await repository.comments.create(number, `${summaryMarker}\n\n### DevLoop review`)).id
    } catch (error) {
      const made = isLost(error) ? await findSummary(subject, parts) : undefined
      if (made === undefined) throw error
      return made.id
    }
  }

  async function beginCheck(wish: CheckRunWish): Promise<number> {
    const known = (await repository.checks.list(headSha)).items.find(({ name }) => name === reviewCheckName)
    await context.assertOwned()
    return (await repository.checks.write(wish, known)).id
  }

  function edit(progress: Progress): void {
    held = undefined
    lastEdit = { at: parts.clock.now(), phase: progress.phase }
    pending = pending.then(() =>
      tolerate(async () => {
        const id = await commentId()
        if (id === null || over.signal.aborted) return
        await context.assertOwned()
        await repository.comments.update(id, renderProgress(progress))
      }),
    )
  }

  function editLater(): void {
    if (isWaiting) return
    isWaiting = true
    const waitMs = lastEdit.at + editEveryMs - parts.clock.now()
    parts.clock.sleep(waitMs, AbortSignal.any([over.signal, context.signal])).then(
      () => {
        isWaiting = false
        if (held === undefined) return
        if (parts.clock.now() - lastEdit.at < editEveryMs) editLater()
        else edit(held)
      },
      () => {},
    )
  }

  return {
    async begin(progress) {
      const [comment, check] = [await commentId(), await checkId(progress)]
      return comment !== null || check !== null
    },
    progress(progress) {
      const sinceMs = parts.clock.now() - lastEdit.at
      if (progress.phase !== lastEdit.phase || sinceMs >= editEveryMs) return edit(progress)
      held = progress
      editLater()
    },
    stop: () => over.abort(),
    async end(text, check) {
      over.abort()
      await pending
      await context.step('summary', async () => {
        const id = await commentId()
        if (id === null) return null
        await context.assertOwned()
        return whenPermitted(async () => {
          await repository.comments.update(id, text)
          return id
        })
      })
      await context.step('check', async () => {
        await context.assertOwned()
        return whenPermitted(async () => {
          const known = (await repository.checks.list(headSha)).items.find(({ name }) => name === reviewCheckName)
          return (await repository.checks.write(check, known)).id
        })
      })
    },
  }

  /** An edit that shows progress only may fail; it says so in the log. */
  async function tolerate(body: () => Promise<void>): Promise<void> {
    try {
      await body()
    } catch (error) {
      if (!isCodedError(error)) throw error
      parts.log.warn({ job: context.job.id, code: error.code }, 'the progress of a review could not be shown')
    }
  }
}

/** The summary comment of this pull request: ours, with our marker. A copy of the marker in somebody else's comment is none. */
export async function findSummary({ repository, number }: Subject, parts: Pick<ReviewJobParts, 'github'>) {
  const { login } = await parts.github.identity()
  const { items } = await repository.comments.list(number)
  return items.find(({ author, body }) => author?.login === login && body.includes(summaryMarker))
}

/** Null where GitHub forbids it or the thing is gone: the reader is then told by other means. */
export async function whenPermitted<T>(body: () => Promise<T>): Promise<T | null> {
  try {
    return await body()
  } catch (error) {
    if (error instanceof GithubError && ['forbidden', 'not-found', 'invalid'].includes(error.code)) return null
    throw error
  }
}

export function isLost(error: unknown): boolean {
  return error instanceof GithubError && error.code === 'unknown-outcome'
}

function checkWish(headSha: CommitSha, progress: Progress): CheckRunWish {
  return {
    name: reviewCheckName,
    headSha,
    status: 'in_progress',
    title: progressTitle(progress),
    summary: progressLine(progress),
    ...(progress.detailsUrl === null ? {} : { detailsUrl: progress.detailsUrl }),
    annotations: [],
    actions: [],
  }
}
