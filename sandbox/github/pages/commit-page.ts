import { html } from 'hono/html'
import { notFound } from '../api-error.ts'
import { findSha, getCommit } from '../git/commits.ts'
import { listDiff } from '../git/diff.ts'
import { findEntry, readBlob } from '../git/trees.ts'
import type { Repository } from '../state/repository.ts'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'
import { when } from './people.ts'
import { renderFile } from './render-diff.ts'
import { renderChecks } from './render-checks.ts'

const emptyTree = '4b825dc642cb6eb9a060e54bf8d69288fbee4904'

/** One commit with its checks and its diff. */
export async function renderCommitPage(world: World, repository: Repository, sha: string): Promise<Markup> {
  const git = world.git(repository)
  const commit = /^[0-9a-f]{40}$/.test(sha) ? await getCommit(git, sha).catch(() => undefined) : undefined
  if (commit === undefined) throw notFound()
  const files = await listDiff(git, commit.parents[0] ?? emptyTree, sha)
  const [subject, ...rest] = commit.message.split('\n')
  return html`<h1>${subject} <span class="number sha">${sha.slice(0, 7)}</span></h1><p class="muted">${commit.author.name} ${when(commit.committer.date)}</p>
    ${rest.join('\n').trim() === '' ? '' : html`<section class="card"><div class="body lead">${rest.join('\n').trim()}</div></section>`}
    <section class="card"><div class="head"><b>Checks</b></div><div class="body" data-live="checks">${renderChecks(repository, sha)}</div></section>
    ${files.map((file) => renderFile(file, { comments: [], reactions: [], commentUrl: null, open: undefined }))}`
}

/** A file as it is at a commit, with line numbers to point at. */
export async function renderBlobPage(
  world: World,
  repository: Repository,
  place: { ref: string; path: string },
): Promise<Markup> {
  const content = await readFileAt(world, repository, place)
  const lines = content.toString('utf8').replace(/\n$/, '').split('\n')
  return html`<h1>${place.path} <span class="number">${place.ref.slice(0, 12)}</span></h1><section class="card"><table class="diff">${lines.map(
    (line, index) =>
      html`<tr id="L${index + 1}"><td class="number">${index + 1}</td><td class="code">${line}</td></tr>`,
  )}</table></section>`
}

export async function readFileAt(
  world: World,
  repository: Repository,
  place: { ref: string; path: string },
): Promise<Buffer> {
  const git = world.git(repository)
  const sha = await findSha(git, place.ref)
  const entry = sha === undefined ? undefined : await findEntry(git, sha, place.path)
  if (entry?.type !== 'blob') throw notFound()
  return readBlob(git, entry.sha)
}
