import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound } from '../api-error.ts'
import { type Commit, findMergeBase, findSha, getCommit, listCommits, listRange } from '../git/commits.ts'
import { type DiffEntry, listDiff } from '../git/diff.ts'
import { fetchCommit } from '../git/merge.ts'
import { renderCommit, renderDiffEntry } from '../render/render-commit.ts'
import { repositoryUrl, repositoryWebUrl } from '../render/render-repository.ts'
import { answerDiff, answerPatch } from './diff-replies.ts'
import { page, takePage } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'
import { refSha } from './suite-routes.ts'

const read = repositoryAccess('contents', 'read', 'read')
const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'
const maxComparedFiles = 300
const maxCommitFiles = 3000

async function listAll(call: Call): Promise<Reply> {
  const from = call.query('sha') ?? call.repository.defaultBranch
  const sha = await findSha(call.git, from)
  if (sha === undefined) throw notFound()
  const limits = (['since', 'until', 'author'] as const).flatMap((name) => {
    const value = call.query(name)
    return value === undefined ? [] : [`--${name}=${value}`]
  })
  const path = call.query('path')
  const perPage = Math.min(100, Number(call.query('per_page')) || 30)
  const upTo = (Number(call.query('page')) || 1) * perPage + 1
  const commits = await listCommits(call.git, [
    `-n${upTo}`,
    ...limits,
    sha,
    '--',
    ...(path === undefined ? [] : [path]),
  ])
  return page(call, commits, (commit) => renderCommit(call.world, call.repository, commit))
}

async function getOne(call: Call): Promise<Reply> {
  const sha = await refSha(call)
  const commit = await getCommit(call.git, sha)
  if (call.wants('sha')) return { status: 200, text: sha, contentType: 'application/vnd.github.sha; charset=utf-8' }
  const parent = commit.parents[0] ?? emptyTree
  if (call.wants('diff')) return answerDiff(call, parent, sha)
  const files = (await listDiff(call.git, parent, sha)).slice(0, maxCommitFiles)
  const { slice, headers } = takePage(call, files)
  return {
    status: 200,
    headers,
    body: {
      ...renderCommit(call.world, call.repository, commit),
      stats: sumUp(files),
      files: slice.map((file) => renderDiffEntry(call.world, call.repository, file, sha)),
    },
  }
}

function sumUp(files: readonly DiffEntry[]) {
  const additions = files.reduce((sum, file) => sum + file.additions, 0)
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0)
  return { additions, deletions, total: additions + deletions }
}

/** `base...head`, either of which may be `owner:branch` of a fork: what the head has that the base lacks. */
async function compare(call: Call): Promise<Reply> {
  const { world, repository, git } = call
  const [baseName, headName] = call.param('basehead').split(/\.{2,3}/)
  const base = await resolveSide(call, baseName ?? '')
  const head = await resolveSide(call, headName ?? '')
  const mergeBase = await findMergeBase(git, base, head)
  if (mergeBase === undefined) throw new ApiError(404, `No common ancestor between ${baseName} and ${headName}.`)
  if (call.wants('diff')) return answerDiff(call, mergeBase, head)
  if (call.wants('patch')) return answerPatch(call, mergeBase, head)
  const ahead = await listRange(git, base, head)
  const behind = mergeBase === base ? 0 : (await listRange(git, head, base)).length
  const files = await listDiff(git, mergeBase, head)
  const { slice, headers } = takeComparedCommits(call, ahead)
  const [baseCommit, mergeBaseCommit] = [await getCommit(git, base), await getCommit(git, mergeBase)]
  const isFirstPage = (Number(call.query('page')) || 1) === 1
  const web = `${repositoryWebUrl(world, repository)}/compare/${call.param('basehead')}`
  return {
    status: 200,
    headers,
    body: {
      url: `${repositoryUrl(world, repository)}/compare/${call.param('basehead')}`,
      html_url: web,
      permalink_url: web,
      diff_url: `${web}.diff`,
      patch_url: `${web}.patch`,
      base_commit: renderCommit(world, repository, baseCommit),
      merge_base_commit: renderCommit(world, repository, mergeBaseCommit),
      status: ahead.length > 0 ? (behind > 0 ? 'diverged' : 'ahead') : behind > 0 ? 'behind' : 'identical',
      ahead_by: ahead.length,
      behind_by: behind,
      total_commits: ahead.length,
      commits: slice.map((commit) => renderCommit(world, repository, commit)),
      // Only the first page carries files, at most 300 of them.
      ...(isFirstPage
        ? { files: files.slice(0, maxComparedFiles).map((file) => renderDiffEntry(world, repository, file, head)) }
        : {}),
    },
  }
}

// Without paging, GitHub answers the last 250 commits at once.
function takeComparedCommits(
  call: Call,
  commits: readonly Commit[],
): { slice: Commit[]; headers: Record<string, string> } {
  const isPaged = call.query('page') !== undefined || call.query('per_page') !== undefined
  return isPaged ? takePage(call, commits) : { slice: commits.slice(-250), headers: {} }
}

async function resolveSide(call: Call, name: string): Promise<string> {
  const { world, repository, git } = call
  const [owner, ...rest] = name.split(':')
  const branch = rest.join(':')
  const source = [...world.repositories.values()].find(
    (candidate) => rest.length > 0 && candidate.ownerLogin === owner && candidate.parentId === repository.id,
  )
  if (source !== undefined) {
    const sha = await findSha(world.git(source), branch)
    if (sha === undefined) throw notFound()
    await fetchCommit(git, source.gitDir, sha, `refs/compared/${sha}`)
    return sha
  }
  const sha = await findSha(git, rest.length > 0 ? branch : name)
  if (sha === undefined) throw notFound()
  return sha
}

export const commitRoutes: readonly Route[] = [
  { name: 'GET /repos/{owner}/{repo}/commits', access: read, handle: listAll },
  { name: 'GET /repos/{owner}/{repo}/commits/{ref}', access: read, handle: getOne },
  { name: 'GET /repos/{owner}/{repo}/compare/{basehead}', access: read, handle: compare },
]
