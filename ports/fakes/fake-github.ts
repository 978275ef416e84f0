import { GithubError, type GithubErrorCode } from '../errors.ts'
import type {
  CheckRunWish,
  CheckView,
  CommentKind,
  CommentView,
  GithubApp,
  GithubRepository,
  InlineComment,
  IssueView,
  Listing,
  PullRequestFile,
  PullRequestView,
  Reaction,
  RepositoryRef,
  ReviewThread,
  ReviewView,
} from '../github.ts'
import { type CommitSha, commitSha, installationId, repositoryName } from '../ids.ts'

/** One call of the port, as it was asked. */
export interface FakeGithubCall {
  readonly method: string
  readonly parameters: readonly unknown[]
}

type Fault = GithubErrorCode | 'written-then-lost' | Error

export interface FakePullRequest {
  view: PullRequestView
  files: readonly PullRequestFile[]
  comments: CommentView[]
  reviews: ReviewView[]
  threads: ReviewThread[]
  closing: readonly IssueView[]
}

/** One repository in memory. Tests read and change its state directly, and script how calls fail. */
export interface FakeGithub extends GithubApp {
  readonly repositoryPort: GithubRepository
  readonly calls: readonly FakeGithubCall[]
  readonly pullRequests: Map<number, FakePullRequest>
  /** Check runs and statuses by commit. */
  readonly checks: Map<string, (CheckView & { readonly wish?: CheckRunWish })[]>
  /** Texts by `path` (any ref) or `ref:path`. */
  readonly texts: Map<string, string>
  /** Comments on diff lines, by pull request. */
  readonly lineComments: Map<number, CommentView[]>
  readonly reactions: { kind: CommentKind; id: number; content: string; login: string }[]
  readonly permissions: Map<string, 'admin' | 'maintain' | 'write' | 'triage' | 'read'>
  /** The next call of the method fails; `written-then-lost` does its work first and then loses the reply. */
  failNext(method: string, fault: Fault): void
  /** Every call of the method fails. */
  failAlways(method: string, fault: Fault): void
  /** Seen before each call; may throw. */
  onCall: ((call: FakeGithubCall) => void) | null
}

export const fakeBotLogin = 'devloop[bot]'
const bot = { login: fakeBotLogin, type: 'Bot' } as const

export function sha(digit: string): CommitSha {
  return commitSha.parse(digit.repeat(40).slice(0, 40))
}

/** A pull request of the fake, open, from `author`. */
export function fakePullRequest(patch: Partial<PullRequestView> = {}, files: readonly PullRequestFile[] = []) {
  const view: PullRequestView = {
    number: 1,
    title: 'Add totals',
    body: '',
    state: 'open',
    draft: false,
    merged: false,
    mergedAt: null,
    author: { login: 'ann', type: 'User' },
    assignees: [],
    labels: [],
    headSha: sha('a'),
    headRef: 'topic',
    headRepository: 'acme/shop',
    baseSha: sha('b'),
    baseRef: 'main',
    htmlUrl: 'https://github.test/acme/shop/pull/1',
    createdAt: '2026-11-20T10:00:00Z',
    updatedAt: '2026-11-20T10:00:00Z',
    changedFiles: files.length,
    ...patch,
  }
  return { view, files, comments: [], reviews: [], threads: [], closing: [] } satisfies FakePullRequest
}

export function createFakeGithub(pullRequests: readonly FakePullRequest[] = []): FakeGithub {
  const ref: RepositoryRef = { installationId: installationId.parse(1), name: repositoryName.parse('acme/shop') }
  const calls: FakeGithubCall[] = []
  const faults = new Map<string, { queue: Fault[]; always: Fault | null }>()
  let lastId = 100

  const state: Omit<FakeGithub, 'repositoryPort' | keyof GithubApp> = {
    calls,
    pullRequests: new Map(pullRequests.map((each) => [each.view.number, each])),
    checks: new Map(),
    texts: new Map(),
    lineComments: new Map(),
    reactions: [],
    permissions: new Map(),
    failNext: (method, fault) => faultsOf(method).queue.push(fault),
    failAlways: (method, fault) => {
      faultsOf(method).always = fault
    },
    onCall: null,
  }
  function faultsOf(method: string) {
    const known = faults.get(method) ?? { queue: [], always: null }
    faults.set(method, known)
    return known
  }
  async function run<T>(method: string, parameters: readonly unknown[], body: () => T): Promise<T> {
    const call = { method, parameters }
    calls.push(call)
    fake.onCall?.(call)
    const { queue, always } = faultsOf(method)
    const fault = queue.shift() ?? always
    if (fault === null) return body()
    if (fault instanceof Error) throw fault
    if (fault === 'written-then-lost') body()
    const code = fault === 'written-then-lost' ? 'unknown-outcome' : fault
    throw new GithubError({
      code,
      message: `${method} was answered with ${code}.`,
      remedy: 'Look at the test.',
      owner: code === 'forbidden' ? 'operator' : 'retry',
    })
  }
  function pullRequest(number: number): FakePullRequest {
    const found = state.pullRequests.get(number)
    if (found !== undefined) return found
    throw new GithubError({
      code: 'not-found',
      message: `There is no pull request ${number}.`,
      remedy: 'Look at the number.',
      owner: 'user',
    })
  }
  const all = <T>(items: readonly T[]): Listing<T> => ({ items: [...items], complete: true })
  const unprepared = (method: string) => (): never => {
    throw new Error(`the fake GitHub was not prepared for ${method}`)
  }
  const comment = (body: string): CommentView => {
    lastId += 1
    const at = '2026-11-21T12:00:00Z'
    return {
      id: lastId,
      author: bot,
      body,
      createdAt: at,
      updatedAt: at,
      htmlUrl: `https://github.test/comment/${lastId}`,
    }
  }
  function findComment(id: number) {
    for (const { comments } of state.pullRequests.values()) {
      const index = comments.findIndex((each) => each.id === id)
      if (index >= 0) return { comments, index }
    }
    throw new GithubError({
      code: 'not-found',
      message: `There is no comment ${id}.`,
      remedy: 'Look at the id.',
      owner: 'user',
    })
  }

  const repositoryPort: GithubRepository = {
    ref,
    pullRequests: {
      get: (number) => run('pullRequests.get', [number], () => pullRequest(number).view),
      listFiles: (number) => run('pullRequests.listFiles', [number], () => all(pullRequest(number).files)),
      listCommits: (number) => run('pullRequests.listCommits', [number], () => all([])),
      listOpen: () =>
        run('pullRequests.listOpen', [], () => all([...state.pullRequests.values()].map(({ view }) => view))),
      listByHead: (head) =>
        run('pullRequests.listByHead', [head], () =>
          [...state.pullRequests.values()].map(({ view }) => view).filter(({ headSha }) => headSha === head),
        ),
      listMerged: (base, since) => run('pullRequests.listMerged', [base, since], () => all([])),
    },
    reviews: {
      list: (number) => run('reviews.list', [number], () => all(pullRequest(number).reviews)),
      create: (number, review) =>
        run('reviews.create', [number, review], () => {
          lastId += 1
          const id = lastId
          const { body, commitSha: commit } = review
          pullRequest(number).reviews.push({
            id,
            author: bot,
            state: 'COMMENTED',
            commitSha: commit,
            body,
            submittedAt: '2026-11-21T12:00:00Z',
          })
          for (const each of review.comments) pullRequest(number).threads.push(thread(each))
          return { id, htmlUrl: `https://github.test/review/${id}` }
        }),
      listThreads: (number) => run('reviews.listThreads', [number], () => all(pullRequest(number).threads)),
      resolveThread: (id) =>
        run('reviews.resolveThread', [id], () => {
          for (const { threads } of state.pullRequests.values()) {
            const index = threads.findIndex((each) => each.id === id)
            const found = threads[index]
            if (found !== undefined) threads[index] = { ...found, isResolved: true }
          }
        }),
    },
    comments: {
      list: (number) => run('comments.list', [number], () => all(pullRequest(number).comments)),
      create: (number, body) =>
        run('comments.create', [number, body], () => {
          const made = comment(body)
          pullRequest(number).comments.push(made)
          return made
        }),
      update: (id, body) =>
        run('comments.update', [id, body], () => {
          const { comments, index } = findComment(id)
          const known = comments[index]
          if (known !== undefined) comments[index] = { ...known, body }
        }),
      reply: (number, id, body) =>
        run('comments.reply', [number, id, body], () => {
          state.lineComments.set(number, [...(state.lineComments.get(number) ?? []), comment(body)])
        }),
      listOnLines: (number) => run('comments.listOnLines', [number], () => all(state.lineComments.get(number) ?? [])),
      react: (kind, id, content: Reaction) =>
        run('comments.react', [kind, id, content], () => {
          const mine = { kind, id, content, login: fakeBotLogin }
          if (!state.reactions.some((each) => JSON.stringify(each) === JSON.stringify(mine))) state.reactions.push(mine)
        }),
      unreact: (kind, id, content) =>
        run('comments.unreact', [kind, id, content], () => {
          const index = state.reactions.findIndex(
            (each) => each.kind === kind && each.id === id && each.content === content && each.login === fakeBotLogin,
          )
          if (index >= 0) state.reactions.splice(index, 1)
        }),
      listReactions: (kind, id) =>
        run('comments.listReactions', [kind, id], () =>
          state.reactions
            .filter((each) => each.kind === kind && each.id === id)
            .map(({ login, content }) => ({ login, content })),
        ),
    },
    checks: {
      list: (commit) => run('checks.list', [commit], () => all(state.checks.get(commit) ?? [])),
      write: (wish, known) =>
        run('checks.write', [wish, known], () => {
          const views = state.checks.get(wish.headSha) ?? []
          state.checks.set(wish.headSha, views)
          const index = views.findIndex((view) => view.name === wish.name)
          const id = views[index]?.id ?? ++lastId
          if (known !== undefined && isSame(wish, known)) return { id: known.id, written: false }
          const view = checkView(wish, id)
          if (index >= 0) views[index] = view
          else views.push(view)
          return { id, written: true }
        }),
    },
    contents: {
      readFile: (path, at) =>
        run('contents.readFile', [path, at], () => state.texts.get(`${at}:${path}`) ?? state.texts.get(path) ?? null),
      listTree: (at, folder) =>
        run('contents.listTree', [at, folder], () => {
          const paths = [...state.texts.keys()]
            .map((key) => key.replace(`${at}:`, ''))
            .filter((path) => path.startsWith(`${folder}/`))
          return all(paths.map((path) => ({ path, mode: '100644', type: 'blob' as const, sha: '0'.repeat(40) })))
        }),
      compare: (base, head) => run('contents.compare', [base, head], unprepared('contents.compare')),
      treeChanges: (base, head) => run('contents.treeChanges', [base, head], () => null),
      diff: (number) => run('contents.diff', [number], () => null),
      branchHead: (branch) => run('contents.branchHead', [branch], () => sha('b')),
      lastChangedAt: (path, at) => run('contents.lastChangedAt', [path, at], () => null),
      writeFile: (file) =>
        run('contents.writeFile', [file], () => {
          state.texts.set(file.path, file.text)
        }),
    },
    access: {
      permission: (login) => run('access.permission', [login], () => state.permissions.get(login) ?? 'none'),
      isTeamMember: (team, login) => run('access.isTeamMember', [team, login], () => false),
      defaultBranch: () => run('access.defaultBranch', [], () => 'main'),
    },
    issues: {
      get: (number) =>
        run('issues.get', [number], () => {
          const found = [...state.pullRequests.values()]
            .flatMap(({ closing }) => closing)
            .find((issue) => issue.number === number)
          if (found !== undefined) return found
          return unprepared(`issue ${number}`)()
        }),
      listClosing: (number) => run('issues.listClosing', [number], () => pullRequest(number).closing),
    },
  }
  function thread({ path, body }: InlineComment): ReviewThread {
    lastId += 1
    return { id: `thread-${lastId}`, isResolved: false, path, comments: [{ id: lastId, author: fakeBotLogin, body }] }
  }
  const fake: FakeGithub = Object.assign(state, {
    repositoryPort,
    identity: async () => ({ slug: 'devloop', login: fakeBotLogin, permissions: {} }),
    listRepositories: async () => [ref],
    listFailedDeliveries: async () => [],
    redeliver: async () => {},
    repository: () => repositoryPort,
  })
  return fake
}

function isSame(wish: CheckRunWish, known: CheckView): boolean {
  const conclusion = wish.conclusion ?? null
  return (
    wish.title === known.title &&
    wish.summary === known.summary &&
    wish.status === known.status &&
    conclusion === known.conclusion
  )
}

function checkView(wish: CheckRunWish, id: number): CheckView & { readonly wish: CheckRunWish } {
  const { name, status, conclusion, title, summary, externalId, detailsUrl } = wish
  return {
    kind: 'check-run',
    id,
    name,
    app: 'devloop',
    status,
    conclusion: conclusion ?? null,
    title,
    summary,
    externalId: externalId ?? null,
    detailsUrl: detailsUrl ?? null,
    wish,
  }
}
