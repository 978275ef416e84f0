import { isCodedError } from '../ports/errors.ts'
import type { JobId } from '../ports/ids.ts'
import type { ReviewStore } from '../ports/store.ts'
import { emptyMemory, type Memory } from '../review/rank/memory.ts'
import { type FindingThread, memoryOf } from '../review/rank/stored-body.ts'
import { readFindingMarker } from '../review/render/markers.ts'
import type { Subject } from './review-job-subject.ts'

/** Threads whose reactions are asked for: one call each. */
const mostReactionReads = 20

/** A thread of ours on the diff, with the finding it is about. */
export interface OwnThread extends FindingThread {
  readonly threadId: string
}

/** Reviews of this pull request by other jobs: what an attempt of this one stored before it ended is no earlier round. */
export async function listEarlier({ repository, number }: Subject, jobId: JobId, reviews: ReviewStore) {
  const stored = await reviews.list(repository.ref.name, number)
  return stored.filter((review) => review.jobId !== jobId)
}

/** What earlier rounds of this pull request said, and what people made of it. */
export async function readMemory(
  subject: Subject,
  jobId: JobId,
  ownLogin: string,
  reviews: ReviewStore,
): Promise<{ readonly memory: Memory; readonly threads: readonly OwnThread[] }> {
  const { name } = subject.repository.ref
  const stored = await listEarlier(subject, jobId, reviews)
  const dismissals = await reviews.listDismissals(name, subject.number)
  if (stored.length === 0) {
    return { memory: { ...emptyMemory, dismissals: memoryOf([], dismissals, []).dismissals }, threads: [] }
  }
  const threads = await readThreads(subject, ownLogin)
  return { memory: memoryOf(stored, dismissals, threads), threads }
}

async function readThreads({ repository, number }: Subject, ownLogin: string): Promise<OwnThread[]> {
  try {
    const { items } = await repository.reviews.listThreads(number)
    const threads: OwnThread[] = []
    for (const { id: threadId, isResolved, comments } of items) {
      const [first] = comments
      const id = isSameLogin(first?.author, ownLogin) ? readFindingMarker(first?.body ?? '') : undefined
      if (first === undefined || id === undefined) continue
      const isAsked = !isResolved && threads.length < mostReactionReads
      const reactions = isAsked ? await repository.comments.listReactions('review', first.id) : []
      const down = reactions.find(({ content, login }) => content === '-1' && !isSameLogin(login, ownLogin))
      threads.push({ id, threadId, isResolved, thumbsDownBy: down?.login ?? null })
    }
    return threads
  } catch (error) {
    // Without threads the stored dismissals still hold.
    if (isCodedError(error)) return []
    throw error
  }
}

/** GraphQL names an App's bot without the `[bot]` that REST puts behind it. */
function isSameLogin(login: string | null | undefined, own: string): boolean {
  return login?.replace(/\[bot\]$/u, '') === own.replace(/\[bot\]$/u, '')
}
