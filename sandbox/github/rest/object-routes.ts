import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound } from '../api-error.ts'
import { signatureOf } from '../acts/repositories.ts'
import { getCommit } from '../git/commits.ts'
import { findObjectType, listTree, readBlob, type TreeEntry } from '../git/trees.ts'
import { writeBlob, writeCommit } from '../git/write-commit.ts'
import { nodeId } from '../render/node-id.ts'
import { renderGitCommit } from '../render/render-commit.ts'
import { repositoryUrl } from '../render/render-repository.ts'
import { created, ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('contents', 'read', 'read')
const write = repositoryAccess('contents', 'write', 'write')
// Of a recursive listing; GitHub says so in `truncated`.
const maxTreeEntries = 100_000
const maxTreeBytes = 7 * 1024 * 1024

const signer = z.object({ name: z.string(), email: z.string(), date: z.string().optional() }).optional()
const newCommit = z.object({
  message: z.string(),
  tree: z.string(),
  parents: z.array(z.string()).optional(),
  author: signer,
  committer: signer,
})
const newTree = z.object({
  base_tree: z.string().optional(),
  tree: z.array(
    z.object({
      path: z.string(),
      mode: z.string().optional(),
      type: z.string().optional(),
      sha: z.string().nullish(),
      content: z.string().optional(),
    }),
  ),
})

async function mustBe(call: Call, sha: string, type: string, status: 404 | 422): Promise<void> {
  const found = await findObjectType(call.git, sha)
  if (found === type || (type === 'tree' && found === 'commit')) return
  throw status === 404
    ? notFound()
    : new ApiError(422, `${type === 'tree' ? 'Tree SHA' : 'Parent SHA'} does not exist or is not a ${type} object`)
}

async function getGitCommit(call: Call, sha: string) {
  await mustBe(call, sha, 'commit', 404)
  const commit = await getCommit(call.git, sha)
  return renderGitCommit(call.world, call.repository, commit)
}

async function createGitCommit(call: Call): Promise<Reply> {
  const { message, tree, parents = [], author, committer } = call.read(newCommit)
  await mustBe(call, tree, 'tree', 422)
  for (const parent of parents) await mustBe(call, parent, 'commit', 422)
  const own = signatureOf(call.world, call.actor.account)
  const sign = (wanted: z.infer<typeof signer>, fallback = own) =>
    wanted === undefined ? fallback : { name: wanted.name, email: wanted.email, date: wanted.date ?? own.date }
  const signed = sign(author)
  const sha = await writeCommit(call.git, {
    tree,
    parents,
    message,
    author: signed,
    committer: sign(committer, signed),
  })
  return created(await getGitCommit(call, sha))
}

/** The tree of a tree, a commit or a branch. */
async function findTree(call: Call, name: string): Promise<string> {
  if (name.startsWith('-')) throw notFound()
  const find = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{tree}`]
  const { code, stdout } = await call.git.run(find, { answers: [1, 128] })
  if (code !== 0) throw notFound()
  return stdout.toString('utf8').trim()
}

async function getTree(call: Call, treeSha: string, recursive: boolean) {
  const api = repositoryUrl(call.world, call.repository)
  const sha = await findTree(call, treeSha)
  const entries = await listTree(call.git, sha, { recursive })
  const render = (entry: TreeEntry) => ({
    path: entry.path,
    mode: entry.mode,
    type: entry.type,
    sha: entry.sha,
    ...(entry.size === null ? {} : { size: entry.size }),
    ...(entry.type === 'commit' ? {} : { url: `${api}/git/${entry.type}s/${entry.sha}` }),
  })
  const tree = recursive ? firstThatFit(entries.map(render)) : entries.map(render)
  return { sha, url: `${api}/git/trees/${sha}`, tree, truncated: tree.length < entries.length }
}

function firstThatFit<T>(entries: readonly T[]): readonly T[] {
  let bytes = 0
  const cut = entries.findIndex((entry, index) => {
    bytes += Buffer.byteLength(JSON.stringify(entry)) + 1
    return index >= maxTreeEntries || bytes > maxTreeBytes
  })
  return cut < 0 ? entries : entries.slice(0, cut)
}

async function createTree(call: Call): Promise<Reply> {
  const { base_tree: base, tree } = call.read(newTree)
  const entries = new Map<string, { mode: string; type: string; sha: string }>()
  if (base !== undefined) {
    if (!/^[0-9a-f]{40}$/.test(base)) throw new ApiError(422, 'Tree SHA does not exist or is not a tree object')
    await mustBe(call, base, 'tree', 422)
    for (const entry of await listTree(call.git, base, { recursive: true }))
      if (entry.type !== 'tree') entries.set(entry.path, entry)
  }
  for (const { path, mode = '100644', type = 'blob', sha, content } of tree) {
    if (sha === null) entries.delete(path)
    else entries.set(path, { mode, type, sha: sha ?? (await writeBlob(call.git, content ?? '')) })
  }
  return created(await getTree(call, await writeEntries(call, entries), false))
}

// `mktree` knows one folder at a time, so folders are written from the inside out.
async function writeEntries(
  call: Call,
  entries: ReadonlyMap<string, { mode: string; type: string; sha: string }>,
): Promise<string> {
  const lines: string[] = []
  const folders = new Map<string, Map<string, { mode: string; type: string; sha: string }>>()
  for (const [path, entry] of entries) {
    const [first = '', ...rest] = path.split('/')
    if (rest.length === 0) lines.push(`${entry.mode} ${entry.type} ${entry.sha}\t${first}`)
    else folders.set(first, (folders.get(first) ?? new Map()).set(rest.join('/'), entry))
  }
  for (const [name, inner] of folders) lines.push(`040000 tree ${await writeEntries(call, inner)}\t${name}`)
  return call.git.text(['mktree', '-z'], { input: lines.map((line) => `${line}\0`).join('') })
}

async function getBlob(call: Call): Promise<Reply> {
  const sha = call.param('file_sha')
  await mustBe(call, sha, 'blob', 404)
  const content = await readBlob(call.git, sha)
  if (call.wants('raw'))
    return { status: 200, text: content, contentType: 'application/vnd.github.raw+json; charset=utf-8' }
  const url = `${repositoryUrl(call.world, call.repository)}/git/blobs/${sha}`
  return ok({
    sha,
    node_id: nodeId('B', sha),
    size: content.length,
    url,
    content: content.toString('base64'),
    encoding: 'base64',
  })
}

async function createBlob(call: Call): Promise<Reply> {
  const { content, encoding } = call.read(
    z.object({ content: z.string(), encoding: z.enum(['utf-8', 'base64']).optional() }),
  )
  const sha = await writeBlob(call.git, Buffer.from(content, encoding === 'base64' ? 'base64' : 'utf8'))
  return created({ sha, url: `${repositoryUrl(call.world, call.repository)}/git/blobs/${sha}` })
}

export const objectRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}',
    access: read,
    handle: async (call) => ok(await getGitCommit(call, call.param('commit_sha'))),
  },
  { name: 'POST /repos/{owner}/{repo}/git/commits', access: write, handle: createGitCommit },
  {
    name: 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}',
    access: read,
    handle: async (call) => ok(await getTree(call, call.param('tree_sha'), call.query('recursive') !== undefined)),
  },
  { name: 'POST /repos/{owner}/{repo}/git/trees', access: write, handle: createTree },
  { name: 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}', access: read, handle: getBlob },
  { name: 'POST /repos/{owner}/{repo}/git/blobs', access: write, handle: createBlob },
]
