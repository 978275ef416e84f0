import type { JsonObject } from '../contracts/json.ts'
import type { Commit, Signature } from '../git/commits.ts'
import type { DiffEntry } from '../git/diff.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import { nodeId } from './node-id.ts'
import { renderAccount } from './render-account.ts'
import { repositoryUrl, repositoryWebUrl } from './render-repository.ts'

const unsigned = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

export function renderCommit(world: World, repository: Repository, commit: Commit): JsonObject {
  const api = repositoryUrl(world, repository)
  const web = repositoryWebUrl(world, repository)
  const url = `${api}/commits/${commit.sha}`
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    commit: {
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      tree: { sha: commit.treeSha, url: `${api}/git/trees/${commit.treeSha}` },
      url: `${api}/git/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned,
    },
    url,
    html_url: `${web}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: renderSigner(world, commit.author),
    committer: renderSigner(world, commit.committer),
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
  }
}

export function renderGitCommit(world: World, repository: Repository, commit: Commit): JsonObject {
  const api = repositoryUrl(world, repository)
  const web = repositoryWebUrl(world, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('C', commit.sha),
    url: `${api}/git/commits/${commit.sha}`,
    html_url: `${web}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    tree: { sha: commit.treeSha, url: `${api}/git/trees/${commit.treeSha}` },
    message: commit.message,
    parents: commit.parents.map((sha) => ({ sha, url: `${api}/git/commits/${sha}`, html_url: `${web}/commit/${sha}` })),
    verification: unsigned,
  }
}

export function renderSimpleCommit(commit: Commit): JsonObject {
  return {
    id: commit.sha,
    tree_id: commit.treeSha,
    message: commit.message,
    timestamp: commit.committer.date,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
  }
}

export function renderDiffEntry(world: World, repository: Repository, entry: DiffEntry, headSha: string): JsonObject {
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  return {
    sha: entry.blobSha,
    filename: entry.path,
    status: entry.status,
    additions: entry.additions,
    deletions: entry.deletions,
    changes: entry.additions + entry.deletions,
    blob_url: `${repositoryWebUrl(world, repository)}/blob/${headSha}/${path}`,
    raw_url: `${repositoryWebUrl(world, repository)}/raw/${headSha}/${path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${path}?ref=${headSha}`,
    ...(entry.patch === undefined ? {} : { patch: entry.patch }),
    ...(entry.previousPath === undefined ? {} : { previous_filename: entry.previousPath }),
  }
}

// GitHub finds the account behind a signature by its e-mail address.
function renderSigner(world: World, signature: Signature): JsonObject | null {
  const email = signature.email.toLowerCase()
  for (const account of world.accounts.values()) {
    if (account.email?.toLowerCase() === email) return renderAccount(world, account)
  }
  return null
}
