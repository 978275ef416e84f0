import { gunzipSync } from 'node:zlib'
import type { Context, Hono } from 'hono'
import { ApiError, notFound } from '../api-error.ts'
import { checkRepository, repositoryAccess } from '../auth/access.ts'
import { authenticate } from '../auth/authenticate.ts'
import type { GitRepository } from '../git/git-repository.ts'
import type { World } from '../world.ts'

const uploadPack = 'application/x-git-upload-pack'

/** `git clone` and `git fetch` over HTTP; pushing goes through the pages, which know whom to tell. */
export function mountClone(pages: Hono, world: World): void {
  pages.get('/:owner/:repo{[^/]+\\.git}/info/refs', async (context) => {
    if (context.req.query('service') !== 'git-upload-pack')
      return context.text('This repository is read-only over HTTP.', 403)
    const git = open(world, context)
    if (git === undefined) return refuse(context)
    const listed = await runUploadPack(git, context, ['--http-backend-info-refs'])
    const head = Buffer.from('001e# service=git-upload-pack\n0000')
    return answer(context, Buffer.concat([head, listed]), `${uploadPack}-advertisement`)
  })
  pages.post('/:owner/:repo{[^/]+\\.git}/git-upload-pack', async (context) => {
    const git = open(world, context)
    if (git === undefined) return refuse(context)
    const sent = Buffer.from(await context.req.arrayBuffer())
    const input = context.req.header('content-encoding') === 'gzip' ? gunzipSync(sent) : sent
    return answer(context, await runUploadPack(git, context, [], input), `${uploadPack}-result`)
  })
}

// Undefined asks for credentials, as GitHub does for what an anonymous caller cannot see.
function open(world: World, context: Context): GitRepository | undefined {
  const repository = world.findRepository(
    context.req.param('owner') ?? '',
    (context.req.param('repo') ?? '').slice(0, -'.git'.length),
  )
  const access = repositoryAccess('contents', 'read', 'read')
  try {
    const caller = authenticate(world, context.req.header('authorization'))
    if (repository === undefined || access.for !== 'repository') throw notFound()
    checkRepository(world, repository, { access, caller, isRead: true })
    return world.git(repository)
  } catch (error) {
    if (error instanceof ApiError) return undefined
    throw error
  }
}

function refuse(context: Context): Response {
  return context.text('Repository not found.', 401, { 'www-authenticate': 'Basic realm="GitHub"' })
}

async function runUploadPack(
  git: GitRepository,
  context: Context,
  flags: readonly string[],
  input?: Buffer,
): Promise<Buffer> {
  const env = { GIT_PROTOCOL: context.req.header('git-protocol') ?? '' }
  const options = input === undefined ? { env } : { env, input }
  return (await git.run(['upload-pack', '--stateless-rpc', ...flags, '.'], options)).stdout
}

function answer(context: Context, body: Buffer, type: string): Response {
  return context.body(new Uint8Array(body), 200, { 'content-type': type, 'cache-control': 'no-cache' })
}
