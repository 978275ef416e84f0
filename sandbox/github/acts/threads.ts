import { renderReviewComment } from '../render/render-review.ts'
import type { Actor } from '../state/account.ts'
import type { ReviewThread } from '../state/conversation.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { renderNow } from './emit-pull-request.ts'
import { pullRequestOf } from './find.ts'

/** Resolves a conversation on the diff, or opens it again. */
export async function setResolved(
  world: World,
  repository: Repository,
  thread: ReviewThread,
  change: { resolved: boolean; actor: Actor },
): Promise<void> {
  const { resolved, actor } = change
  if ((thread.resolvedBy !== null) === resolved) return
  thread.resolvedBy = resolved ? actor.account.login : null
  const comments = [...repository.reviewComments.values()].filter((comment) => comment.threadId === thread.id)
  const payload = {
    pull_request: await renderNow(world, repository, pullRequestOf(repository, thread.pullRequestNumber)),
    thread: {
      node_id: thread.nodeId,
      comments: comments.map((comment) => renderReviewComment(world, repository, comment)),
    },
  }
  emit(world, {
    name: 'pull_request_review_thread',
    action: resolved ? 'resolved' : 'unresolved',
    actor,
    repository,
    payload,
  })
}
