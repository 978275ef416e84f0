import { copyRepository, initRepository } from '../git/init-repository.ts'
import type { Signature } from '../git/commits.ts'
import { commitFiles, type FileChanges, moveRef } from '../git/write-commit.ts'
import type { Account } from '../state/account.ts'
import type { Repository, Role } from '../state/repository.ts'
import type { World } from '../world.ts'

export interface RepositoryRequest {
  readonly ownerLogin: string
  readonly name: string
  readonly private?: boolean | undefined
  readonly description?: string | undefined
  readonly defaultBranch?: string | undefined
  readonly collaborators?: Readonly<Record<string, Role>> | undefined
  /** What the first commit holds. */
  readonly files?: FileChanges | undefined
  /** Or a git repository on this disk, whose branches and tags are taken over. */
  readonly fromGitDir?: string | undefined
}

export async function createRepository(world: World, request: RepositoryRequest): Promise<Repository> {
  const { ownerLogin, name, defaultBranch = 'main', fromGitDir, files } = request
  const repository = buildRepository(world, { ...request, defaultBranch, parentId: null })
  if (fromGitDir !== undefined) await copyRepository(repository.gitDir, fromGitDir, defaultBranch)
  else {
    const git = await initRepository(repository.gitDir, defaultBranch)
    const changes = files ?? { 'README.md': `# ${name}\n` }
    const author = signatureOf(world, world.account(ownerLogin))
    const sha = await commitFiles(git, { parent: undefined, changes, message: 'Initial commit', author })
    await moveRef(git, `refs/heads/${defaultBranch}`, sha)
  }
  world.repositories.set(repository.id, repository)
  return repository
}

/** A fork under another account, with all branches. */
export async function forkRepository(world: World, parent: Repository, ownerLogin: string): Promise<Repository> {
  const { name, defaultBranch } = parent
  const fork = buildRepository(world, { ownerLogin, name, defaultBranch, private: parent.private, parentId: parent.id })
  await copyRepository(fork.gitDir, parent.gitDir, defaultBranch)
  world.repositories.set(fork.id, fork)
  return fork
}

/** Deletes a repository; pull requests from it stay, without a head repository. */
export function deleteRepository(world: World, repository: Repository): void {
  world.repositories.delete(repository.id)
  for (const other of world.repositories.values()) {
    for (const pullRequest of other.pullRequests.values()) {
      if (pullRequest.headRepositoryId === repository.id) pullRequest.headRepositoryId = null
    }
  }
}

/** How an account signs its commits. */
export function signatureOf(world: World, account: Account): Signature {
  return {
    name: account.name ?? account.login,
    email: account.email ?? `${account.login}@users.noreply.github.com`,
    date: world.now(),
  }
}

const defaultLabels: Readonly<Record<string, string>> = {
  bug: 'd73a4a',
  documentation: '0075ca',
  duplicate: 'cfd3d7',
  enhancement: 'a2eeef',
  'good first issue': '7057ff',
  'help wanted': '008672',
  invalid: 'e4e669',
  question: 'd876e3',
  wontfix: 'ffffff',
}

function buildRepository(
  world: World,
  request: RepositoryRequest & { defaultBranch: string; parentId: number | null },
): Repository {
  const now = world.now()
  const labels = Object.entries(defaultLabels).map(([name, color]) => ({
    id: world.nextId(),
    name,
    color,
    description: null,
    isDefault: true,
  }))
  return {
    id: world.nextId(),
    ownerLogin: request.ownerLogin,
    name: request.name,
    private: request.private ?? false,
    description: request.description ?? null,
    parentId: request.parentId,
    gitDir: world.gitDir(request.ownerLogin, request.name),
    createdAt: now,
    defaultBranch: request.defaultBranch,
    pushedAt: now,
    updatedAt: now,
    nextNumber: 1,
    collaborators: new Map(Object.entries(request.collaborators ?? {})),
    rules: [],
    labels: new Map(labels.map((label) => [label.name, label])),
    issues: new Map(),
    pullRequests: new Map(),
    issueComments: new Map(),
    reviews: new Map(),
    reviewComments: new Map(),
    threads: new Map(),
    reactions: new Map(),
    suites: new Map(),
    runs: new Map(),
    statuses: [],
    queue: [],
  }
}
