import { followLine } from '../git/follow-line.ts'
import { findPatchLine, parsePatch } from '../git/patch-lines.ts'
import type { ReviewComment } from '../state/conversation.ts'
import type { PullRequest } from '../state/pull-request.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { listPullRequestFiles } from './pull-request-facts.ts'

/** After a push, places every review comment on the new head, or marks it outdated where its lines are gone. */
export async function followComments(world: World, repository: Repository, pullRequest: PullRequest): Promise<void> {
  const comments = [...repository.reviewComments.values()].filter(
    (comment) =>
      comment.pullRequestNumber === pullRequest.number && comment.line !== null && comment.subjectType === 'line',
  )
  if (comments.length === 0) return
  const files = await listPullRequestFiles(world, repository, pullRequest)
  for (const comment of comments) {
    const patch = files.find((file) => file.path === comment.path)?.patch
    await followComment(world, repository, { comment, patch, headSha: pullRequest.headSha })
  }
}

async function followComment(
  world: World,
  repository: Repository,
  change: { comment: ReviewComment; patch: string | undefined; headSha: string },
): Promise<void> {
  const { comment, patch, headSha } = change
  const git = world.git(repository)
  const follow = (line: number) => followLine(git, { from: comment.commitId, to: headSha, path: comment.path, line })
  // Lines of the left side belong to the base, which a push to the head does not move.
  const line = comment.line === null ? null : comment.side === 'LEFT' ? comment.line : await follow(comment.line)
  const place = line === null || patch === undefined ? undefined : findPatchLine(parsePatch(patch), line, comment.side)
  comment.line = place === undefined ? null : line
  comment.position = place?.position ?? null
  if (comment.startLine !== null) {
    comment.startLine =
      place === undefined || comment.startSide === 'LEFT' ? comment.startLine : await follow(comment.startLine)
  }
  comment.commitId = headSha
}
