import { createHash } from 'node:crypto'
import type { Forge } from './forge.ts'
import {
  accountOf,
  BOT,
  commentOf,
  fileOf,
  type ForgePull,
  type ForgeRepository,
  type ForgeRun,
  INSTALLATION_ID,
  pullOf,
  runOf,
} from './forge-state.ts'

export interface ForgeCall {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
}

export interface ForgeReply {
  readonly status: number
  readonly body: unknown
}

type Handler = (forge: Forge, call: ForgeCall, names: readonly string[]) => ForgeReply

const PAGE = 100

/** The operations that a server with this App asks for; any other is a mistake of the harness or news about the product. */
export function answerCall(forge: Forge, call: ForgeCall): ForgeReply {
  for (const [method, path, handle] of ROUTES) {
    const match = method === call.method ? path.exec(call.path) : null
    if (match !== null) return handle(forge, call, match.slice(1).map(decodeURIComponent))
  }
  throw new Error(`this GitHub was not made for ${call.method} ${call.path}`)
}

const ROUTES: readonly (readonly [string, RegExp, Handler])[] = [
  ['GET', /^\/app$/, () => ok({ slug: 'devloop', permissions: {} })],
  ['GET', /^\/app\/installations$/, () => ok([{ id: INSTALLATION_ID, suspended_at: null }])],
  ['POST', /^\/app\/installations\/(\d+)\/access_tokens$/, (forge) => ok(forge.createToken(), 201)],
  [
    'GET',
    /^\/installation\/repositories$/,
    (forge) => ok({ repositories: forge.list().map(({ name }) => ({ full_name: name })) }),
  ],
  ['GET', /^\/app\/hook\/deliveries$/, (forge) => ok(forge.attempts())],
  [
    'POST',
    /^\/app\/hook\/deliveries\/(\d+)\/attempts$/,
    (forge, _call, [id = '']) => ok(forge.redeliver(Number(id)), 202),
  ],
  ['GET', at(''), () => ok({ default_branch: 'main' })],
  [
    'GET',
    at('/collaborators/([^/]+)/permission'),
    (_forge, _call, names) => ok({ permission: permissionOf(names[2]), role_name: null }),
  ],
  ['GET', at('/pulls'), listPulls],
  ['GET', at('/pulls/(\\d+)'), onPull(({ repository, pull }) => ok(pullOf(repository, pull)))],
  ['GET', at('/pulls/(\\d+)/files'), onPull(({ pull }) => ok([fileOf(pull)]))],
  ['GET', at('/pulls/(\\d+)/commits'), onPull(({ pull }) => ok([commitOf(pull)]))],
  ['GET', at('/pulls/(\\d+)/reviews'), onPull(({ pull }) => ok(pull.reviews.map(reviewOf)))],
  ['POST', at('/pulls/(\\d+)/reviews'), onPull(createReview)],
  [
    'GET',
    at('/issues/(\\d+)/comments'),
    onPull(({ pull, call }) =>
      ok(pull.comments.filter(({ updatedAt }) => updatedAt >= (call.query.get('since') ?? '')).map(commentOf)),
    ),
  ],
  [
    'POST',
    at('/issues/(\\d+)/comments'),
    onPull(({ forge, pull, call }) => ok(commentOf(forge.addComment(pull, BOT, String(call.body.body))), 201)),
  ],
  ['PATCH', at('/issues/comments/(\\d+)'), editComment],
  ['POST', at('/(?:issues|pulls)/comments/(\\d+)/reactions'), react],
  ['DELETE', at('/(?:issues|pulls)/comments/(\\d+)/reactions/(\\d+)'), unreact],
  ['GET', at('/(?:issues|pulls)/comments/(\\d+)/reactions'), listReactions],
  ['POST', at('/check-runs'), createRun],
  ['PATCH', at('/check-runs/(\\d+)'), updateRun],
  ['GET', at('/commits/([0-9a-f]{40})/check-runs'), listRuns],
  ['GET', at('/commits/([0-9a-f]{40})/status'), () => ok({ statuses: [] })],
  ['GET', at('/commits'), () => ok([])],
  ['GET', at('/contents/?(.*)'), readContent],
  [
    'GET',
    at('/git/ref/heads/(.+)'),
    (forge, _call, names) =>
      names[2] === 'main' ? ok({ object: { sha: repositoryOf(forge, names).baseSha } }) : ABSENT,
  ],
  ['GET', at('/compare/(.+)\\.\\.\\.(.+)'), compare],
  ['POST', /^\/graphql$/, answerGraphql],
]

const ABSENT: ForgeReply = { status: 404, body: { message: 'Not Found' } }

function at(rest: string): RegExp {
  return new RegExp(`^/repos/([^/]+)/([^/]+)${rest}$`)
}

function ok(body: unknown, status = 200): ForgeReply {
  return { status, body }
}

function repositoryOf(forge: Forge, names: readonly string[]): ForgeRepository {
  return forge.repository(`${names[0]}/${names[1]}`)
}

interface OnPull {
  readonly forge: Forge
  readonly call: ForgeCall
  readonly repository: ForgeRepository
  readonly pull: ForgePull
}

function onPull(body: (found: OnPull) => ForgeReply): Handler {
  return (forge, call, names) => {
    const repository = repositoryOf(forge, names)
    const pull = repository.pulls.get(Number(names[2]))
    return pull === undefined ? ABSENT : body({ forge, call, repository, pull })
  }
}

function permissionOf(login: string | undefined): string {
  return login?.startsWith('guest') ? 'read' : 'write'
}

function listPulls(forge: Forge, { query }: ForgeCall, names: readonly string[]): ForgeReply {
  const repository = repositoryOf(forge, names)
  const wanted = [...repository.pulls.values()].filter(({ state }) => state === query.get('state'))
  if (query.get('sort') === 'updated') wanted.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1))
  return ok(wanted.slice(0, PAGE).map((pull) => pullOf(repository, pull)))
}

function commitOf({ headSha, author, updatedAt, title, baseSha }: ForgePull) {
  const person = { email: `${author}@forge.test`, date: updatedAt }
  const account = accountOf(author)
  const commit = { message: title, author: person, committer: person }
  return { sha: headSha, commit, author: account, committer: account, parents: [{ sha: baseSha }] }
}

function reviewOf({ id, body, commitSha, at: submittedAt }: ForgePull['reviews'][number]) {
  return { id, user: accountOf(BOT), state: 'COMMENTED', commit_id: commitSha, body, submitted_at: submittedAt }
}

function createReview({ forge, pull, call }: OnPull): ForgeReply {
  const id = forge.nextId()
  pull.reviews.push({ id, commitSha: String(call.body.commit_id), body: String(call.body.body), at: forge.at() })
  for (const { path, body } of call.body.comments as { path: string; body: string }[]) {
    const commentId = forge.nextId()
    pull.threads.push({ id: `T${commentId}`, commentId, path, body, isResolved: false })
  }
  return ok({ id, html_url: `https://forge.test/review/${id}` })
}

function editComment(forge: Forge, { body }: ForgeCall, names: readonly string[]): ForgeReply {
  const found = forge.findComment(repositoryOf(forge, names), Number(names[2]))
  if (found === undefined) return ABSENT
  found.comment.body = String(body.body)
  found.comment.updatedAt = forge.at()
  return ok(commentOf(found.comment))
}

function reactionsAt(forge: Forge, names: readonly string[]) {
  const pull = forge.findComment(repositoryOf(forge, names), Number(names[2]))?.pull
  const known = pull?.reactions.get(Number(names[2])) ?? new Map<string, number>()
  pull?.reactions.set(Number(names[2]), known)
  return pull === undefined ? undefined : known
}

function react(forge: Forge, { body }: ForgeCall, names: readonly string[]): ForgeReply {
  const known = reactionsAt(forge, names)
  if (known === undefined) return ABSENT
  const content = String(body.content)
  const id = known.get(content) ?? forge.nextId()
  known.set(content, id)
  return ok({ id, content, user: accountOf(BOT) })
}

function unreact(forge: Forge, _call: ForgeCall, names: readonly string[]): ForgeReply {
  const known = reactionsAt(forge, names)
  for (const [content, id] of known ?? []) if (id === Number(names[3])) known?.delete(content)
  return { status: 204, body: null }
}

function listReactions(forge: Forge, _call: ForgeCall, names: readonly string[]): ForgeReply {
  const known = reactionsAt(forge, names)
  return ok([...(known ?? [])].map(([content, id]) => ({ id, content, user: accountOf(BOT) })))
}

function runsAt(forge: Forge, names: readonly string[], sha: string): ForgeRun[] | undefined {
  for (const pull of repositoryOf(forge, names).pulls.values()) {
    const runs = pull.runs.get(sha)
    if (runs !== undefined) return runs
  }
  return undefined
}

function createRun(forge: Forge, { body }: ForgeCall, names: readonly string[]): ForgeReply {
  const headSha = String(body.head_sha)
  const runs = runsAt(forge, names, headSha)
  if (runs === undefined) return { status: 422, body: { message: `No commit found for SHA: ${headSha}` } }
  const run: ForgeRun = {
    id: forge.nextId(),
    name: String(body.name),
    headSha,
    status: '',
    conclusion: null,
    title: '',
    summary: '',
    annotations: 0,
  }
  runs.push(run)
  return ok(runOf(patchRun(run, body)), 201)
}

function patchRun(run: ForgeRun, body: ForgeCall['body']): ForgeRun {
  const output = body.output as { title: string; summary: string; annotations?: unknown[] } | undefined
  if (body.status !== undefined) run.status = String(body.status)
  if (body.conclusion !== undefined) run.conclusion = String(body.conclusion)
  run.title = output?.title ?? run.title
  run.summary = output?.summary ?? run.summary
  run.annotations += output?.annotations?.length ?? 0
  return run
}

function updateRun(forge: Forge, { body }: ForgeCall, names: readonly string[]): ForgeReply {
  for (const pull of repositoryOf(forge, names).pulls.values()) {
    for (const runs of pull.runs.values()) {
      const run = runs.find(({ id }) => id === Number(names[2]))
      if (run !== undefined) return ok(runOf(patchRun(run, body)))
    }
  }
  return ABSENT
}

/** The newest of each name, as `filter=latest` has it. */
function listRuns(forge: Forge, _call: ForgeCall, names: readonly string[]): ForgeReply {
  const runs = runsAt(forge, names, names[2] ?? '') ?? []
  return ok({ check_runs: [...new Map(runs.map((run) => [run.name, run])).values()].map(runOf) })
}

function readContent(forge: Forge, { query }: ForgeCall, names: readonly string[]): ForgeReply {
  const repository = repositoryOf(forge, names)
  const path = names[2] ?? ''
  const text =
    path === '.github/devloop.yml'
      ? repository.policy
      : [...repository.pulls.values()].find((pull) => pull.headSha === query.get('ref') && pull.path === path)?.code
  if (path === '') return ok([{ name: 'src', type: 'dir', sha: repository.baseSha }])
  if (text === null || text === undefined) return ABSENT
  const sha = createHash('sha1').update(text).digest('hex')
  return ok({ type: 'file', sha, size: text.length, encoding: 'base64', content: Buffer.from(text).toString('base64') })
}

function compare(forge: Forge, _call: ForgeCall, names: readonly string[]): ForgeReply {
  const repository = repositoryOf(forge, names)
  const pull = [...repository.pulls.values()].find(({ headSha }) => headSha === names[3])
  if (pull === undefined) return ABSENT
  return ok({
    base_commit: { sha: repository.baseSha },
    merge_base_commit: { sha: pull.baseSha },
    total_commits: 1,
    files: [fileOf(pull)],
    commits: [commitOf(pull)],
  })
}

function answerGraphql(forge: Forge, { body }: ForgeCall): ForgeReply {
  const query = String(body.query)
  const { owner, name, number, threadId } = body.variables as Record<string, string>
  if (query.includes('resolveReviewThread')) {
    forge.resolveThread(String(threadId))
    return ok({ data: { resolveReviewThread: { thread: { id: threadId, isResolved: true } } } })
  }
  const pull = forge.repository(`${owner}/${name}`).pulls.get(Number(number))
  if (query.includes('closingIssuesReferences'))
    return ok({ data: { repository: { pullRequest: { closingIssuesReferences: { nodes: [] } } } } })
  const nodes = (pull?.threads ?? []).slice(0, PAGE).map(({ id, isResolved, path, commentId, body: said }) => ({
    id,
    isResolved,
    path,
    comments: { nodes: [{ databaseId: commentId, body: said, author: { login: 'devloop' } }] },
  }))
  const pageInfo = { hasNextPage: false, endCursor: null }
  return ok({ data: { repository: { pullRequest: { reviewThreads: { pageInfo, nodes } } } } })
}
