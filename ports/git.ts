import { CodedError } from './errors.ts'
import type { Listing, TreeEntry } from './github.ts'
import type { CommitSha } from './ids.ts'

/**
 * `shallow`: history that is needed was not fetched. `empty`: there is no commit yet. `failed`: git itself failed, or took too long.
 */
export type GitErrorCode = 'git-missing' | 'not-a-repository' | 'no-such-ref' | 'shallow' | 'empty' | 'failed'
export class GitError extends CodedError<GitErrorCode> {}

/** A commit, or the index of the work tree. */
export type GitSide = CommitSha | 'staged'

export interface GitChangedFile {
  readonly path: string
  readonly previousPath?: string
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
}

export interface GitCommit {
  readonly sha: CommitSha
  readonly message: string
  readonly authorName: string
  readonly authorEmail: string
  readonly committerEmail: string
  /** ISO time. */
  readonly committedAt: string
}

/** A repository on this disk. Every method throws `GitError`. */
export interface LocalGit {
  /** The top folder of the work tree. */
  readonly root: string
  /** Null when HEAD is detached. */
  readonly branch: string | null
  /** Null while there is no commit. */
  readonly headSha: CommitSha | null
  readonly isShallow: boolean
  /** The commit a branch, tag or id names; null when there is none. */
  find(ref: string): Promise<CommitSha | null>
  /** Null when the two have no common history; throws `shallow` when that cannot be told. */
  mergeBase(a: CommitSha, b: CommitSha): Promise<CommitSha | null>
  changedFiles(from: CommitSha, to: GitSide): Promise<readonly GitChangedFile[]>
  /** As `git diff` prints it, renames found. */
  diff(from: CommitSha, to: GitSide): Promise<string>
  /** Null when the file does not exist there, or is no regular file. */
  readFile(path: string, at: string): Promise<string | null>
  /** Everything below `folder`; empty when it does not exist. */
  listTree(at: string, folder: string): Promise<Listing<TreeEntry>>
  /** Commits reachable from `to` and not from `from`, newest first, at most `limit`. */
  log(range: {
    readonly from?: CommitSha
    readonly to: CommitSha
    readonly limit: number
    /** Follows merges on their first parent only: the history of the branch itself. */
    readonly firstParent?: boolean
    /** Only commits that touch this path. */
    readonly path?: string
  }): Promise<readonly GitCommit[]>
  /** Files each of these commits changed against its first parent. */
  filesOf(commits: readonly CommitSha[]): Promise<ReadonlyMap<CommitSha, readonly string[]>>
  config(key: string): Promise<string | null>
  /** Ends the helper process. */
  close(): Promise<void>
}
