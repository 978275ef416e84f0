import { z } from 'zod'
import type { CommitSha } from '../../ports/ids.ts'
import type { PullRequests, PullRequestView } from '../../ports/github.ts'
import type { GithubClient } from './client.ts'
import { commitReply, fileReply, pullRequestReply } from './schema.ts'

const MAX_FILES = 3000
const MAX_COMMITS = 250
const MAX_MERGED_PAGES = 10

export function pullRequestsOf(
  client: GithubClient,
  names: { readonly owner: string; readonly repo: string },
): PullRequests {
  const listOpen = () =>
    client.list(
      'GET /repos/{owner}/{repo}/pulls',
      { ...names, state: 'open', sort: 'created', direction: 'asc' },
      z.array(pullRequestReply),
    )
  return {
    get: (number) =>
      client.get('GET /repos/{owner}/{repo}/pulls/{pull_number}', { ...names, pull_number: number }, pullRequestReply),
    listFiles: (number) =>
      client.list(
        'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
        { ...names, pull_number: number },
        z.array(fileReply),
        MAX_FILES,
      ),
    listCommits: (number) =>
      client.list(
        'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
        { ...names, pull_number: number },
        z.array(commitReply),
        MAX_COMMITS,
      ),
    listOpen,
    // "List pull requests of a commit" leaves out heads that live in a fork.
    async listByHead(sha: CommitSha): Promise<readonly PullRequestView[]> {
      const open = await listOpen()
      return open.items.filter(({ headSha }) => headSha === sha)
    },
    async listMerged(base, since) {
      const closed = await client.listUntil(
        'GET /repos/{owner}/{repo}/pulls',
        { ...names, state: 'closed', base, sort: 'updated', direction: 'desc' },
        z.array(pullRequestReply),
        // Whatever merged after `since` was also updated after it.
        (page) => page.some(({ updatedAt }) => updatedAt < since),
        MAX_MERGED_PAGES,
      )
      const items = closed.items
        .filter(({ mergedAt }) => mergedAt !== null && mergedAt > since)
        .sort((a, b) => ((a.mergedAt ?? '') < (b.mergedAt ?? '') ? 1 : -1))
      return { items, complete: closed.complete }
    },
  }
}
