import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound, validationFailed } from '../api-error.ts'
import { updateRef } from '../acts/push.ts'
import { signatureOf } from '../acts/repositories.ts'
import { findBranchSha } from '../git/branches.ts'
import { findSha, getCommit } from '../git/commits.ts'
import { findEntry, listTree, readBlob, type TreeEntry } from '../git/trees.ts'
import { commitFiles } from '../git/write-commit.ts'
import { renderGitCommit } from '../render/render-commit.ts'
import { repositoryUrl, repositoryWebUrl } from '../render/render-repository.ts'
import { ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('contents', 'read', 'read')
const write = repositoryAccess('contents', 'write', 'write')

// Between 1 and 100 MB only the raw form has content.
const maxInlineBytes = 1_000_000

const signer = z.object({ name: z.string(), email: z.string(), date: z.string().optional() }).optional()
const common = { message: z.string(), branch: z.string().optional(), author: signer, committer: signer }
const putShape = z.object({ ...common, content: z.string(), sha: z.string().optional() })
const deleteShape = z.object({ ...common, sha: z.string() })

async function getContents(call: Call): Promise<Reply> {
  const ref = call.query('ref') ?? call.repository.defaultBranch
  const commitSha = await findSha(call.git, ref)
  if (commitSha === undefined) throw new ApiError(404, `No commit found for the ref ${ref}`)
  const path = call.param('path').replace(/^\/|\/$/g, '')
  const entry = await findEntry(call.git, commitSha, path)
  if (entry === undefined) throw notFound()
  if (entry.type === 'tree') return ok(await listFolder(call, { sha: entry.sha, path, ref }))
  return answerFile(call, entry, ref)
}

async function answerFile(call: Call, entry: TreeEntry, ref: string): Promise<Reply> {
  if (entry.type === 'commit')
    return ok({ ...renderEntry(call, entry, ref), type: 'submodule', submodule_git_url: null })
  const content = await readBlob(call.git, entry.sha)
  if (call.wants('raw'))
    return { status: 200, text: content, contentType: 'application/vnd.github.raw+json; charset=utf-8' }
  const isInline = content.length <= maxInlineBytes
  const encoded = content.toString('base64').replace(/(.{60})/g, '$1\n')
  return ok({
    ...renderEntry(call, entry, ref),
    content: isInline ? `${encoded}\n` : '',
    encoding: isInline ? 'base64' : 'none',
  })
}

async function listFolder(call: Call, folder: { sha: string; path: string; ref: string }) {
  const entries = await listTree(call.git, folder.sha, { recursive: false })
  const prefix = folder.path === '' ? '' : `${folder.path}/`
  return entries.map((entry) => renderEntry(call, { ...entry, path: `${prefix}${entry.path}` }, folder.ref))
}

const kinds = { blob: 'file', tree: 'dir', commit: 'submodule' } as const

function renderEntry(call: Call, entry: TreeEntry, ref: string) {
  const api = repositoryUrl(call.world, call.repository)
  const web = repositoryWebUrl(call.world, call.repository)
  const path = entry.path.split('/').map(encodeURIComponent).join('/')
  const self = `${api}/contents/${path}?ref=${encodeURIComponent(ref)}`
  const git = `${api}/git/${entry.type === 'tree' ? 'trees' : 'blobs'}/${entry.sha}`
  const html = `${web}/${entry.type === 'tree' ? 'tree' : 'blob'}/${encodeURIComponent(ref)}/${path}`
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url: self,
    html_url: html,
    git_url: git,
    download_url: entry.type === 'blob' ? `${web}/raw/${encodeURIComponent(ref)}/${path}` : null,
    type: kinds[entry.type],
    _links: { self, git, html },
  }
}

async function putContents(call: Call): Promise<Reply> {
  const request = call.read(putShape)
  const { known, commit } = await changeFile(call, { ...request, content: Buffer.from(request.content, 'base64') })
  const branch = request.branch ?? call.repository.defaultBranch
  const entry = await findEntry(call.git, commit.sha, call.param('path'))
  if (entry === undefined) throw notFound()
  return { status: known === undefined ? 201 : 200, body: { content: renderEntry(call, entry, branch), commit } }
}

async function deleteContents(call: Call): Promise<Reply> {
  const { commit } = await changeFile(call, { ...call.read(deleteShape), content: null })
  return ok({ content: null, commit })
}

async function changeFile(
  call: Call,
  request: {
    message: string
    branch?: string | undefined
    sha?: string | undefined
    content: Buffer | null
    author?: z.infer<typeof signer>
  },
) {
  const { world, repository, git } = call
  const branch = request.branch ?? repository.defaultBranch
  const path = call.param('path')
  const tip = await findBranchSha(git, branch)
  if (tip === undefined) throw new ApiError(404, `Branch ${branch} not found`)
  const known = await findEntry(git, tip, path)
  if (known !== undefined && request.sha === undefined) {
    throw validationFailed({ resource: 'Content', code: 'invalid', field: 'sha', message: '"sha" wasn\'t supplied.' })
  }
  if (request.sha !== undefined && request.sha !== known?.sha)
    throw new ApiError(409, `${path} does not match ${request.sha}`)
  const actorSignature = signatureOf(world, call.actor.account)
  const author = {
    ...actorSignature,
    name: request.author?.name ?? actorSignature.name,
    email: request.author?.email ?? actorSignature.email,
  }
  const sha = await commitFiles(git, {
    parent: tip,
    changes: { [path]: request.content },
    message: request.message,
    author,
    committer: actorSignature,
  })
  await updateRef(world, repository, { ref: `refs/heads/${branch}`, after: sha, actor: call.actor })
  const commit = await getCommit(git, sha)
  return { known, commit: { ...renderGitCommit(world, repository, commit), sha } }
}

async function getReadme(call: Call): Promise<Reply> {
  const ref = call.query('ref') ?? call.repository.defaultBranch
  const sha = await findSha(call.git, ref)
  const entries = sha === undefined ? [] : await listTree(call.git, sha, { recursive: false })
  const readme = entries.find(({ path }) => /^readme(\.|$)/i.test(path))
  if (readme === undefined) throw notFound()
  return answerFile(call, readme, ref)
}

export const contentRoutes: readonly Route[] = [
  { name: 'GET /repos/{owner}/{repo}/contents/{path}', access: read, handle: getContents },
  { name: 'PUT /repos/{owner}/{repo}/contents/{path}', access: write, handle: putContents },
  { name: 'DELETE /repos/{owner}/{repo}/contents/{path}', access: write, handle: deleteContents },
  { name: 'GET /repos/{owner}/{repo}/readme', access: read, handle: getReadme },
]
