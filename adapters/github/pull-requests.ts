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
    async listFiles(number) {
      const pull = { ...names, pull_number: number }
      const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}'
      const listed = await client.list(`${route}/files`, pull, z.array(fileReply), MAX_FILES)
      if (listed.items.length < MAX_FILES) return listed
      // GitHub stops at this many without a word: only the pull request itself says whether there are more.
      const { changed_files: all } = await client.get(route, pull, z.object({ changed_files: z.number() }))
      return { items: listed.items, complete: all === listed.items.length }
    },
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
