import { createComment, deleteComment, editComment } from './acts/comments.ts'
import { requestAction, rerequestRun } from './acts/checks.ts'
import { checkRunOf, issueCommentOf, issueOf, pullRequestOf, reviewCommentOf, reviewOf } from './acts/find.ts'
import { openIssue, updateIssue } from './acts/issues.ts'
import { addLabels, removeLabel } from './acts/labels.ts'
import { type MergeRequest, mergePullRequest } from './acts/merge-pull-request.ts'
import { dequeue, enqueue } from './acts/merge-queue.ts'
import { openPullRequest, type PullRequestRequest } from './acts/open-pull-request.ts'
import type { WantedPlace } from './acts/place-comment.ts'
import { pushFiles, updateRef } from './acts/push.ts'
import { react } from './acts/reactions.ts'
import { createReviewComment, editReviewComment, replyToReviewComment } from './acts/review-comments.ts'
import { createReview, dismissReview, type ReviewRequest } from './acts/reviews.ts'
import { createStatus } from './acts/statuses.ts'
import { setResolved } from './acts/threads.ts'
import { changeReviewers, setDraft, updatePullRequest } from './acts/update-pull-request.ts'
import { SandboxError } from './sandbox-error.ts'
import type { Actor } from './state/account.ts'
import type { StatusState } from './state/check.ts'
import type { IssueComment, ReactionContent, ReactionSubject, Review, ReviewComment } from './state/conversation.ts'
import type { Issue } from './state/issue.ts'
import type { PullRequest } from './state/pull-request.ts'
import { findBranchSha } from './git/branches.ts'
import type { FileChanges } from './git/write-commit.ts'
import type { World } from './world.ts'

type Without<T> = Omit<T, 'actor'>

/** A person at a repository's pages: everything they can do there, with the webhooks that follow. */
export class Person {
  readonly #world: World
  readonly #actor: Actor
  readonly #name: string

  constructor(world: World, login: string, repositoryName: string) {
    this.#world = world
    this.#actor = { account: world.account(login) }
    this.#name = repositoryName
  }

  get #repository() {
    return this.#world.repository(this.#name)
  }

  /** Commits on top of a branch (a new one starts at the default branch) and pushes; answers the SHA. */
  push(branch: string, files: FileChanges, message: string, options: { from?: string } = {}): Promise<string> {
    return pushFiles(this.#world, this.#repository, { branch, files, message, actor: this.#actor, from: options.from })
  }

  /** Points a branch at any commit that is already here, as a forced push does. */
  async forcePush(branch: string, sha: string): Promise<void> {
    await updateRef(this.#world, this.#repository, { ref: `refs/heads/${branch}`, after: sha, actor: this.#actor })
  }

  /** Pushes a branch of another git repository on this disk; answers the SHA. */
  async pushFrom(gitDir: string, ref: string, branch: string): Promise<string> {
    const git = this.#world.git(this.#repository)
    await git.run(['fetch', '--quiet', '--no-tags', gitDir, `+${ref}:refs/incoming/${branch}`])
    const sha = await git.text(['rev-parse', `refs/incoming/${branch}`])
    await this.forcePush(branch, sha)
    return sha
  }

  async deleteBranch(branch: string): Promise<void> {
    await this.forcePush(branch, '0'.repeat(40))
  }

  openPullRequest(request: Without<PullRequestRequest>): Promise<PullRequest> {
    return openPullRequest(this.#world, this.#repository, { ...request, actor: this.#actor })
  }

  openIssue(request: { title: string; body?: string; labels?: readonly string[] }): Issue {
    const { body = null, ...rest } = request
    return openIssue(this.#world, this.#repository, { ...rest, body, actor: this.#actor })
  }

  comment(number: number, body: string): IssueComment {
    return createComment(this.#world, this.#repository, { number, body, actor: this.#actor })
  }

  editComment(id: number, body: string): void {
    editComment(this.#world, this.#repository, issueCommentOf(this.#repository, id), { body, actor: this.#actor })
  }

  deleteComment(id: number): void {
    deleteComment(this.#world, this.#repository, issueCommentOf(this.#repository, id), this.#actor)
  }

  review(number: number, request: Without<ReviewRequest>): Promise<Review> {
    return createReview(this.#world, this.#repository, pullRequestOf(this.#repository, number), {
      ...request,
      actor: this.#actor,
    })
  }

  approve(number: number, body = ''): Promise<Review> {
    return this.review(number, { event: 'APPROVE', body })
  }

  requestChanges(number: number, body: string): Promise<Review> {
    return this.review(number, { event: 'REQUEST_CHANGES', body })
  }

  dismiss(number: number, reviewId: number, message: string): Promise<void> {
    const review = reviewOf(this.#repository, number, reviewId)
    const pullRequest = pullRequestOf(this.#repository, number)
    return dismissReview(this.#world, this.#repository, pullRequest, { review, message, actor: this.#actor })
  }

  commentOnLine(number: number, wanted: WantedPlace, body: string): Promise<ReviewComment> {
    const pullRequest = pullRequestOf(this.#repository, number)
    const request = { wanted, body, commitId: pullRequest.headSha, actor: this.#actor }
    return createReviewComment(this.#world, this.#repository, pullRequest, request)
  }

  replyOnLine(number: number, commentId: number, body: string): Promise<ReviewComment> {
    const to = reviewCommentOf(this.#repository, commentId)
    const pullRequest = pullRequestOf(this.#repository, number)
    return replyToReviewComment(this.#world, this.#repository, pullRequest, { to, body, actor: this.#actor })
  }

  editLineComment(id: number, body: string): Promise<void> {
    const comment = reviewCommentOf(this.#repository, id)
    return editReviewComment(this.#world, this.#repository, comment, { body, actor: this.#actor })
  }

  /** Resolves the conversation a review comment belongs to, or opens it again. */
  async resolve(commentId: number, resolved = true): Promise<void> {
    const thread = this.#repository.threads.get(reviewCommentOf(this.#repository, commentId).threadId)
    if (thread === undefined) throw new SandboxError('not-found', `The comment ${commentId} stands in no conversation.`)
    await setResolved(this.#world, this.#repository, thread, { resolved, actor: this.#actor })
  }

  react(subject: ReactionSubject, subjectId: number, content: ReactionContent): void {
    react(this.#world, this.#repository, { subject, subjectId, content, actor: this.#actor })
  }

  merge(number: number, request: Without<MergeRequest> = {}): Promise<string> {
    const pullRequest = pullRequestOf(this.#repository, number)
    return mergePullRequest(this.#world, this.#repository, pullRequest, { ...request, actor: this.#actor })
  }

  async enqueue(number: number): Promise<void> {
    await enqueue(this.#world, this.#repository, pullRequestOf(this.#repository, number), this.#actor)
  }

  dequeue(number: number): Promise<void> {
    return dequeue(this.#world, this.#repository, number, 'MANUAL')
  }

  async update(
    number: number,
    change: { title?: string; body?: string; state?: 'open' | 'closed'; base?: string },
  ): Promise<void> {
    const wanted = { ...change, actor: this.#actor }
    const pullRequest = this.#repository.pullRequests.get(number)
    if (pullRequest === undefined) updateIssue(this.#world, this.#repository, issueOf(this.#repository, number), wanted)
    else await updatePullRequest(this.#world, this.#repository, pullRequest, wanted)
  }

  close(number: number): Promise<void> {
    return this.update(number, { state: 'closed' })
  }

  reopen(number: number): Promise<void> {
    return this.update(number, { state: 'open' })
  }

  setDraft(number: number, draft: boolean): Promise<void> {
    return setDraft(this.#world, this.#repository, pullRequestOf(this.#repository, number), {
      draft,
      actor: this.#actor,
    })
  }

  label(number: number, ...names: string[]): Promise<void> {
    return addLabels(this.#world, this.#repository, issueOf(this.#repository, number), { names, actor: this.#actor })
  }

  unlabel(number: number, name: string): Promise<void> {
    return removeLabel(this.#world, this.#repository, issueOf(this.#repository, number), { name, actor: this.#actor })
  }

  requestReview(number: number, ...logins: string[]): Promise<void> {
    const change = { logins, requested: true, actor: this.#actor }
    return changeReviewers(this.#world, this.#repository, pullRequestOf(this.#repository, number), change)
  }

  async setStatus(sha: string, state: StatusState, context: string): Promise<void> {
    await createStatus(this.#world, this.#repository, { sha, state, context, actor: this.#actor })
  }

  rerunCheck(runId: number): void {
    rerequestRun(this.#world, this.#repository, checkRunOf(this.#repository, runId), this.#actor)
  }

  pressAction(runId: number, identifier: string): void {
    requestAction(this.#world, this.#repository, checkRunOf(this.#repository, runId), {
      identifier,
      actor: this.#actor,
    })
  }

  branchSha(branch: string): Promise<string | undefined> {
    return findBranchSha(this.#world.git(this.#repository), branch)
  }
}
