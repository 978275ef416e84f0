import type { Principal, SnapshotCommit } from '../../governance/snapshot.ts'
import type { CommitView } from '../../ports/github.ts'

const CO_AUTHOR = /^[ \t]*co-authored-by:[^<\n]{0,200}<([^>\n]{1,200})>/gim
const LAUNCHER = /^[ \t]*launched-by:[ \t]*@?([\w-]{1,60})[ \t]*$/gim

export function snapshotCommit(commit: CommitView): SnapshotCommit {
  return {
    sha: commit.sha,
    author: { login: commit.authorLogin, type: commit.authorType, email: commit.authorEmail },
    committer: { login: commit.committerLogin, type: null, email: commit.committerEmail },
    coAuthors: coAuthorsOf(commit.message),
  }
}

export function coAuthorsOf(message: string): readonly Principal[] {
  return [...message.matchAll(CO_AUTHOR)].map(([, email = '']) => ({ login: null, type: null, email }))
}

/** Logins named by `Launched-by:` trailers: whoever started the agent that wrote this. */
export function launchersOf(texts: readonly string[]): readonly string[] {
  const logins = texts.flatMap((text) => [...text.matchAll(LAUNCHER)].map(([, login = '']) => login))
  return [...new Set(logins)]
}
