import type { CommitSha, DeliveryId, InstallationId, RepositoryName } from './ids.ts'

/** One repository as seen by one installation. */
export interface RepositoryRef {
  readonly installationId: InstallationId
  readonly name: RepositoryName
}

export interface Account {
  readonly login: string
  readonly type: 'User' | 'Bot' | 'Organization'
}

export interface PullRequestView {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly state: 'open' | 'closed'
  readonly draft: boolean
  readonly merged: boolean
  /** ISO time; null until it is merged. */
  readonly mergedAt: string | null
  readonly author: Account
  /** Logins; GitHub assigns a coding agent's pull request to whoever asked for it. */
  readonly assignees: readonly string[]
  readonly labels: readonly string[]
  readonly headSha: CommitSha
  readonly headRef: string
  /** Null when the fork was deleted. */
  readonly headRepository: string | null
  readonly baseSha: CommitSha
  readonly baseRef: string
  readonly htmlUrl: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly changedFiles: number
}

/** One entry of "list pull request files". `patch` is absent for binary and very large files. */
export interface PullRequestFile {
  readonly path: string
  readonly previousPath?: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed' | 'unchanged'
  readonly additions: number
  readonly deletions: number
  readonly patch?: string
}

/** A path that differs between two commits. */
export type PathChange = Pick<PullRequestFile, 'path' | 'previousPath' | 'status'>

/** A list that may have hit a limit of GitHub's; `complete: false` is never silently taken for the whole. */
export interface Listing<T> {
  readonly items: readonly T[]
  readonly complete: boolean
}

export interface CommitView {
  readonly sha: CommitSha
  readonly message: string
  /** Null when the e-mail address belongs to no account. */
  readonly authorLogin: string | null
  readonly authorType: Account['type'] | null
  readonly authorEmail: string | null
  readonly committerLogin: string | null
  readonly committerEmail: string | null
  readonly parents: readonly string[]
}

export interface PullRequests {
  get(number: number): Promise<PullRequestView>
  /** At most 3,000 (GitHub's limit). */
  listFiles(number: number): Promise<Listing<PullRequestFile>>
  /** At most 250 (GitHub's limit). */
  listCommits(number: number): Promise<Listing<CommitView>>
  listOpen(): Promise<Listing<PullRequestView>>
  /** Open pull requests whose head is this commit, forks included (a check run of a fork names none). */
  listByHead(sha: CommitSha): Promise<readonly PullRequestView[]>
  /** Closed and merged ones, newest first, that merged after `since` (ISO time). */
  listMerged(base: string, since: string): Promise<Listing<PullRequestView>>
}

export interface ReviewView {
  readonly id: number
  readonly author: Account | null
  readonly state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING'
  readonly commitSha: string | null
  readonly body: string
  readonly submittedAt: string | null
}

export interface InlineComment {
  readonly path: string
  readonly line: number
  readonly side: 'LEFT' | 'RIGHT'
  /** Set when the comment covers more than one line. */
  readonly startLine?: number
  readonly body: string
}

export interface ReviewThread {
  /** GraphQL node id. */
  readonly id: string
  readonly isResolved: boolean
  readonly path: string
  readonly comments: readonly { readonly id: number; readonly author: string | null; readonly body: string }[]
}

export interface Reviews {
  list(number: number): Promise<Listing<ReviewView>>
  /** One call, one notification. The review is a comment: DevLoop never presses Approve. */
  create(
    number: number,
    review: { readonly commitSha: CommitSha; readonly body: string; readonly comments: readonly InlineComment[] },
  ): Promise<{ readonly id: number; readonly htmlUrl: string }>
  listThreads(number: number): Promise<Listing<ReviewThread>>
  resolveThread(threadId: string): Promise<void>
}

export interface CommentView {
  readonly id: number
  readonly author: Account | null
  readonly body: string
  readonly createdAt: string
  readonly updatedAt: string
  readonly htmlUrl: string
}

export type Reaction = '+1' | '-1' | 'confused' | 'rocket' | 'eyes'
/** Where a reaction goes: a comment of the conversation, or one on a diff line. */
export type CommentKind = 'issue' | 'review'

export interface Comments {
  list(number: number, since?: string): Promise<Listing<CommentView>>
  create(number: number, body: string): Promise<CommentView>
  update(id: number, body: string): Promise<void>
  /** Comments on diff lines, replies in their threads included, written or edited since then (ISO). */
  listOnLines(number: number, since?: string): Promise<Listing<CommentView>>
  /** Answers a comment on a diff line in its thread. */
  reply(number: number, reviewCommentId: number, body: string): Promise<void>
  react(kind: CommentKind, id: number, reaction: Reaction): Promise<void>
  unreact(kind: CommentKind, id: number, reaction: Reaction): Promise<void>
  /** Reactions of people to a review comment. */
  listReactions(kind: CommentKind, id: number): Promise<readonly { readonly login: string; readonly content: string }[]>
}

export type CheckConclusion =
  | 'success'
  | 'failure'
  | 'neutral'
  | 'cancelled'
  | 'skipped'
  | 'timed_out'
  | 'action_required'
  | 'stale'

export interface CheckAnnotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'notice' | 'warning' | 'failure'
  readonly title?: string
  readonly message: string
}

/** A check run of ours as it shall be. Annotations beyond 50 are sent in further requests by the adapter. */
export interface CheckRunWish {
  readonly name: string
  readonly headSha: CommitSha
  readonly status: 'queued' | 'in_progress' | 'completed'
  readonly conclusion?: CheckConclusion
  readonly title: string
  readonly summary: string
  readonly text?: string
  readonly detailsUrl?: string
  readonly externalId?: string
  readonly annotations: readonly CheckAnnotation[]
  /** Buttons: label ≤ 20, description ≤ 40, identifier ≤ 20 characters; at most 3. */
  readonly actions: readonly { readonly label: string; readonly description: string; readonly identifier: string }[]
}

/** Any check run or commit status of a commit, reduced to what rules read. */
export interface CheckView {
  readonly kind: 'check-run' | 'status'
  readonly id: number
  readonly name: string
  /** App slug for a check run; null for a status. */
  readonly app: string | null
  readonly status: 'queued' | 'in_progress' | 'completed' | 'pending'
  readonly conclusion: CheckConclusion | 'error' | null
  readonly title: string | null
  readonly summary: string | null
  readonly externalId: string | null
  readonly detailsUrl: string | null
}

export interface Checks {
  /**
   * Check runs (latest per name and App) and statuses (latest per context) of a commit. `only: 'check-runs'` saves a call where it is
   * known that nobody reports statuses.
   */
  list(sha: CommitSha, only?: 'check-runs'): Promise<Listing<CheckView>>
  /** Creates, or updates `id`; nothing is sent when title, conclusion, status and summary are those of `known`. */
  write(wish: CheckRunWish, known?: CheckView): Promise<{ readonly id: number; readonly written: boolean }>
}

export interface TreeEntry {
  readonly path: string
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
}

export interface Contents {
  /** The text of a file at a commit or branch; null when it does not exist. Symlinks and submodules give null. */
  readFile(path: string, ref: string): Promise<string | null>
  /** Everything below `folder` at `ref`; empty when the folder does not exist. */
  listTree(ref: string, folder: string): Promise<Listing<TreeEntry>>
  /** Merge base, and what `head` changed since it; `baseSha` is where `base` stands now. */
  compare(
    base: string,
    head: string,
  ): Promise<{
    readonly baseSha: CommitSha
    readonly mergeBaseSha: CommitSha
    readonly files: Listing<PullRequestFile>
    readonly commits: Listing<CommitView>
  }>
  /**
   * Every path that differs between two commits, from their whole trees; a renamed file is one that was removed and one that was added.
   * Null when GitHub cuts a tree short.
   */
  treeChanges(base: CommitSha, head: CommitSha): Promise<readonly PathChange[] | null>
  /** The whole diff as `git diff` prints it; null when GitHub refuses for its size (406). */
  diff(number: number): Promise<string | null>
  branchHead(branch: string): Promise<CommitSha | null>
  /** When the newest commit reachable from `ref` that touches `path` was committed (ISO time); null when none does. */
  lastChangedAt(path: string, ref: string): Promise<string | null>
  /** Commits a file on a branch; fails with `conflict` when somebody was faster. */
  writeFile(file: {
    readonly path: string
    readonly branch: string
    readonly text: string
    readonly message: string
  }): Promise<void>
}

export interface Access {
  /** From the collaborator-permission API (`author_association` is not enough); fails closed: `none` when it cannot be told. */
  permission(login: string): Promise<'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none'>
  isTeamMember(team: string, login: string): Promise<boolean>
  defaultBranch(): Promise<string>
}

export interface IssueView {
  readonly number: number
  readonly title: string
  readonly body: string
  readonly state: 'open' | 'closed'
}

export interface Issues {
  get(number: number): Promise<IssueView>
  /** Issues that merging this pull request would close. */
  listClosing(pullRequest: number): Promise<readonly IssueView[]>
}

/** Everything the product does in one repository. Every method throws `GithubError`. */
export interface GithubRepository {
  readonly ref: RepositoryRef
  readonly pullRequests: PullRequests
  readonly reviews: Reviews
  readonly comments: Comments
  readonly checks: Checks
  readonly contents: Contents
  readonly access: Access
  readonly issues: Issues
}

export interface FailedDelivery {
  /** GitHub's numeric id of the attempt; it may lie beyond what a number holds exactly. */
  readonly id: number | bigint
  readonly deliveryId: DeliveryId
  readonly event: string
  readonly deliveredAt: string
}

/** The App itself, by its JWT. */
export interface GithubApp {
  /** Slug and bot login, e.g. `devloop` and `devloop[bot]`. */
  identity(): Promise<{
    readonly slug: string
    readonly login: string
    readonly permissions: Readonly<Record<string, string>>
  }>
  listRepositories(): Promise<readonly RepositoryRef[]>
  /** Deliveries since `since` (ISO time) of which no attempt succeeded. */
  listFailedDeliveries(since: string): Promise<readonly FailedDelivery[]>
  redeliver(id: number | bigint): Promise<void>
  repository(ref: RepositoryRef): GithubRepository
}
