import type { Person } from '../../github/person.ts'
import type { Repository } from '../../github/state/repository.ts'
import type { SandboxWorld } from './sandbox-world.ts'

/** A pull request of bob's in a repository of its own. */
export interface OpenChange {
  readonly name: string
  readonly number: number
  readonly headSha: string
  readonly branch: string
  readonly ada: Person
  readonly bob: Person
  readonly cleo: Person
  readonly repository: Repository
}

const BASE = `import type { Database } from './database.ts'

export async function findOrder(database: Database, id: number) {
  return database.query('SELECT id FROM orders WHERE id = $1', [id])
}
`

/** `src/orders.ts` with a search that asks the database as told. */
function withSearch(query: string): string {
  return `${BASE}
export async function searchOrders(database: Database, customer: string) {
  return database.query(${query})
}
export function totalOf(orders: readonly { cents: number }[]) {
  let total = 0
  for (let index = 0; index <= orders.length; index++) total += orders[index].cents
  return total
}
`
}

/** Line 8 joins SQL, line 12 runs past the end: the stand-in finds both. */
export const BUGGY = withSearch("'SELECT id FROM orders WHERE customer = ' + customer, []")
export const BUGGY_LINES: readonly number[] = [8, 12]

/** Line 8 is mended. */
export const HALF_MENDED = withSearch("'SELECT id FROM orders WHERE customer = $1', [customer]")

export interface ChangeWish {
  readonly base?: Readonly<Record<string, string>>
  readonly head?: Readonly<Record<string, string>>
  readonly title?: string
  readonly body?: string
  /** `.github/devloop.yml` on the base branch. */
  readonly policy?: string
}

/** Opens a change of `src/orders.ts` with two bugs, or of other files. */
export async function openChange(world: SandboxWorld, name: string, wish: ChangeWish = {}): Promise<OpenChange> {
  const { github } = world
  const base = wish.base ?? { 'README.md': '# orders\n', 'src/orders.ts': BASE }
  await github.createRepository(name, {
    files: wish.policy === undefined ? base : { ...base, '.github/devloop.yml': wish.policy },
    collaborators: { bob: 'write', cleo: 'write', eve: 'read' },
  })
  const bob = github.as('bob', name)
  const branch = 'topic'
  const headSha = await bob.push(branch, wish.head ?? { 'src/orders.ts': BUGGY }, 'Search orders')
  const { number } = await bob.openPullRequest({
    title: wish.title ?? 'Search orders',
    body: wish.body ?? 'Customers want to find their orders.',
    head: branch,
    base: 'main',
  })
  return {
    name,
    number,
    headSha,
    branch,
    ada: github.as('ada', name),
    bob,
    cleo: github.as('cleo', name),
    repository: github.repository(name),
  }
}
