import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound } from '../api-error.ts'
import { signatureOf } from '../acts/repositories.ts'
import { findObjectType } from '../git/trees.ts'
import { nodeId } from '../render/node-id.ts'
import { repositoryUrl } from '../render/render-repository.ts'
import { created, ok } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const newTag = z.object({
  tag: z.string(),
  message: z.string(),
  object: z.string(),
  type: z.enum(['commit', 'tree', 'blob']),
})

async function renderTag(call: Call, sha: string) {
  if ((await findObjectType(call.git, sha)) !== 'tag') throw notFound()
  const [head = '', ...rest] = (await call.git.text(['cat-file', 'tag', sha])).split('\n\n')
  const field = (name: string) => new RegExp(`^${name} (.*)$`, 'm').exec(head)?.[1] ?? ''
  const [, name = '', email = '', seconds = '0'] = /^(.*) <(.*)> (\d+)/.exec(field('tagger')) ?? []
  const api = repositoryUrl(call.world, call.repository)
  return {
    node_id: nodeId('T', sha),
    tag: field('tag'),
    sha,
    url: `${api}/git/tags/${sha}`,
    message: rest.join('\n\n'),
    tagger: { name, email, date: new Date(Number(seconds) * 1000).toISOString().replace(/\.\d+Z$/, 'Z') },
    object: { type: field('type'), sha: field('object'), url: `${api}/git/${field('type')}s/${field('object')}` },
    verification: { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null },
  }
}

async function createTag(call: Call): Promise<Reply> {
  const { tag, message, object, type } = call.read(newTag)
  if ((await findObjectType(call.git, object)) !== type) throw new ApiError(422, 'Object does not exist')
  const { name, email, date } = signatureOf(call.world, call.actor.account)
  const tagger = `${name} <${email}> ${Math.floor(Date.parse(date) / 1000)} +0000`
  const input = `object ${object}\ntype ${type}\ntag ${tag}\ntagger ${tagger}\n\n${message}\n`
  const sha = await call.git.text(['mktag'], { input })
  return created(await renderTag(call, sha))
}

export const tagRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/git/tags/{tag_sha}',
    access: repositoryAccess('contents', 'read', 'read'),
    handle: async (call) => ok(await renderTag(call, call.param('tag_sha'))),
  },
  {
    name: 'POST /repos/{owner}/{repo}/git/tags',
    access: repositoryAccess('contents', 'write', 'write'),
    handle: createTag,
  },
]
