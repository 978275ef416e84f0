import { z } from 'zod'
import { repositoryAccess } from '../auth/access.ts'
import { ApiError, notFound } from '../api-error.ts'
import { updateRef } from '../acts/push.ts'
import { findRef, listRefs, type NamedRef } from '../git/branches.ts'
import { findMergeBase } from '../git/commits.ts'
import { findObjectType } from '../git/trees.ts'
import { noSha } from '../git/write-commit.ts'
import { nodeId } from '../render/node-id.ts'
import { repositoryUrl } from '../render/render-repository.ts'
import { created, noContent, ok, page } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('contents', 'read', 'read')
const write = repositoryAccess('contents', 'write', 'write')

function renderRef(call: Call, ref: NamedRef) {
  const api = repositoryUrl(call.world, call.repository)
  return {
    ref: ref.name,
    node_id: nodeId('REF', ref.name),
    url: `${api}/git/${ref.name}`,
    object: { type: ref.type, sha: ref.sha, url: `${api}/git/${ref.type}s/${ref.sha}` },
  }
}

async function wantedRef(call: Call): Promise<NamedRef> {
  const ref = await findRef(call.git, `refs/${call.param('ref')}`)
  if (ref === undefined) throw notFound()
  return ref
}

async function create(call: Call): Promise<Reply> {
  const { ref, sha } = call.read(z.object({ ref: z.string(), sha: z.string() }))
  if (!/^refs\/[^/]+\/.+/.test(ref))
    throw new ApiError(422, 'Reference name must start with "refs/" and have at least two slashes.')
  const type = await findObjectType(call.git, sha)
  if (type === undefined) throw new ApiError(422, 'Object does not exist')
  if ((await findRef(call.git, ref)) !== undefined) throw new ApiError(422, 'Reference already exists')
  await updateRef(call.world, call.repository, { ref, after: sha, actor: call.actor })
  return created(renderRef(call, { name: ref, sha, type }))
}

async function update(call: Call): Promise<Reply> {
  const { sha, force = false } = call.read(z.object({ sha: z.string(), force: z.boolean().optional() }))
  const ref = await findRef(call.git, `refs/${call.param('ref')}`)
  if (ref === undefined) throw new ApiError(422, 'Reference does not exist')
  if ((await findObjectType(call.git, sha)) === undefined) throw new ApiError(422, 'Object does not exist')
  if (!force && (await findMergeBase(call.git, ref.sha, sha)) !== ref.sha)
    throw new ApiError(422, 'Update is not a fast forward')
  await updateRef(call.world, call.repository, { ref: ref.name, after: sha, actor: call.actor })
  return ok(renderRef(call, { ...ref, sha }))
}

async function remove(call: Call): Promise<Reply> {
  const ref = await findRef(call.git, `refs/${call.param('ref')}`)
  if (ref === undefined) throw new ApiError(422, 'Reference does not exist')
  await updateRef(call.world, call.repository, { ref: ref.name, after: noSha, actor: call.actor })
  return noContent
}

export const refRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/git/ref/{ref}',
    access: read,
    handle: async (call) => ok(renderRef(call, await wantedRef(call))),
  },
  {
    name: 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}',
    access: read,
    handle: async (call) => {
      const prefix = `refs/${call.param('ref')}`
      const refs = (await listRefs(call.git, 'refs')).filter(({ name }) => name.startsWith(prefix))
      return page(call, refs, (ref) => renderRef(call, ref))
    },
  },
  { name: 'POST /repos/{owner}/{repo}/git/refs', access: write, handle: create },
  { name: 'PATCH /repos/{owner}/{repo}/git/refs/{ref}', access: write, handle: update },
  { name: 'DELETE /repos/{owner}/{repo}/git/refs/{ref}', access: write, handle: remove },
]
