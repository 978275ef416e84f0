import { z } from 'zod'
import { GithubError } from '../../ports/errors.ts'
import type { CommitView, Contents, Listing, TreeEntry } from '../../ports/github.ts'
import { commitSha } from '../../ports/ids.ts'
import type { GithubClient } from './client.ts'
import { isGithubCode } from './errors.ts'
import { commitReply, compareReply, contentReply, treeReply } from './schema.ts'
import { treeChangesOf } from './tree-changes.ts'

/** "Compare" shows no more files than this, on any page. */
const MAX_COMPARE_FILES = 300
const MAX_COMPARE_COMMITS = 1000
const PER_PAGE = 100

export function contentsOf(client: GithubClient, names: { readonly owner: string; readonly repo: string }): Contents {
  const repository = `${names.owner}/${names.repo}`
  const content = (path: string, ref: string) => {
    const encoded = encodePath(path)
    if (encoded === undefined) return Promise.resolve(null)
    return client.find(`GET /repos/{owner}/{repo}/contents/${encoded}`, { ...names, ref }, contentReply)
  }
  /** What a commit id names never changes; what a branch names does. */
  const fixed = <T>(kind: string, ref: string, rest: string, load: () => Promise<T>) =>
    isCommitSha(ref) ? client.once(`${repository} ${kind} ${ref} ${rest}`, load) : load()

  const readFile = async (path: string, ref: string): Promise<string | null> => {
    const found = await content(path, ref)
    if (found === null || Array.isArray(found) || !('size' in found)) return null
    if (found.encoding === 'base64' && found.content != null) return decode(found.content)
    // Above 1 MB the content is left out.
    const blob = await client.get(
      'GET /repos/{owner}/{repo}/git/blobs/{file_sha}',
      { ...names, file_sha: found.sha },
      z.object({ content: z.string() }),
    )
    return decode(blob.content)
  }

  const treeSha = async (ref: string, folder: string): Promise<string | null> => {
    const parent = folder.includes('/') ? folder.slice(0, folder.lastIndexOf('/')) : ''
    const name = folder.slice(parent === '' ? 0 : parent.length + 1)
    const listing = await content(parent, ref)
    if (!Array.isArray(listing)) return null
    return listing.find((entry) => entry.name === name && entry.type === 'dir')?.sha ?? null
  }
  const readTree = (sha: string): Promise<Listing<TreeEntry>> =>
    client.once(`${repository} tree ${sha}`, async () => {
      const reply = await client.get(
        'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
        { ...names, tree_sha: sha, recursive: '1' },
        treeReply,
      )
      return { items: reply.tree, complete: reply.truncated !== true }
    })

  return {
    readFile: (path, ref) => fixed('file', ref, path, () => readFile(path, ref)),
    listTree: (ref, folder) =>
      fixed('folder', ref, folder, async () => {
        const sha = folder === '' ? ref : await treeSha(ref, folder)
        if (sha === null) return { items: [], complete: true }
        const tree = await readTree(sha)
        const prefix = folder === '' ? '' : `${folder}/`
        return { ...tree, items: tree.items.map((entry) => ({ ...entry, path: `${prefix}${entry.path}` })) }
      }),
    async compare(base, head) {
      const page = (number: number) =>
        client.get(
          `GET /repos/{owner}/{repo}/compare/${encodeURIComponent(base)}...${encodeURIComponent(head)}`,
          { ...names, per_page: PER_PAGE, page: number },
          compareReply,
        )
      const first = await page(1)
      const commits: CommitView[] = [...first.commits]
      const wanted = Math.min(first.total_commits, MAX_COMPARE_COMMITS)
      for (let number = 2; commits.length < wanted && (number - 1) * PER_PAGE < wanted; number++)
        commits.push(...(await page(number)).commits)
      const files = first.files ?? []
      return {
        baseSha: first.base_commit.sha,
        mergeBaseSha: first.merge_base_commit.sha,
        files: { items: files, complete: files.length < MAX_COMPARE_FILES },
        commits: { items: commits, complete: commits.length >= first.total_commits },
      }
    },
    treeChanges: treeChangesOf(client, names),
    async diff(number) {
      try {
        return await client.get(
          'GET /repos/{owner}/{repo}/pulls/{pull_number}',
          { ...names, pull_number: number, headers: { accept: 'application/vnd.github.diff' } },
          z.string(),
        )
      } catch (error) {
        if (error instanceof GithubError && error.facts.status === 406) return null
        throw error
      }
    },
    async branchHead(branch) {
      const found = await client.find(
        `GET /repos/{owner}/{repo}/git/ref/heads/${encodePath(branch) ?? ''}`,
        names,
        z.object({ object: z.object({ sha: commitSha }) }),
      )
      return found?.object.sha ?? null
    },
    lastChangedAt: (path, ref) =>
      fixed('changed', ref, path, async () => {
        const commits = await client.get(
          'GET /repos/{owner}/{repo}/commits',
          { ...names, sha: ref, path, per_page: 1 },
          z.array(commitReply),
        )
        return commits[0]?.committedAt ?? null
      }),
    async writeFile(file) {
      const known = await content(file.path, file.branch)
      const encoded = encodePath(file.path)
      try {
        await client.write(
          `PUT /repos/{owner}/{repo}/contents/${encoded}`,
          {
            ...names,
            branch: file.branch,
            message: file.message,
            content: Buffer.from(file.text, 'utf8').toString('base64'),
            ...(known !== null && !Array.isArray(known) && { sha: known.sha }),
          },
          z.unknown(),
          { kind: 'content' },
        )
      } catch (error) {
        // 409 when the branch moved; 422 when the file appeared in between.
        if (!isGithubCode(error, 'invalid', 'conflict')) throw error
        throw new GithubError({
          code: 'conflict',
          message: `Writing ${file.path} on ${file.branch} was refused: somebody changed it at the same time.`,
          remedy: 'Read the newest state and try again.',
          owner: 'retry',
          cause: error,
        })
      }
    },
  }
}

/** Undefined for a path that would leave its folder: URL parsing would follow the dots into another endpoint. */
function encodePath(path: string): string | undefined {
  const segments = path.split('/')
  if (segments.some((segment) => segment === '.' || segment === '..')) return undefined
  return segments.map(encodeURIComponent).join('/')
}

function isCommitSha(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref)
}

function decode(base64: string): string {
  return Buffer.from(base64, 'base64').toString('utf8')
}
