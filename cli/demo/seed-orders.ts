import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GithubSandbox } from '../../sandbox/github/github-sandbox.ts'
import type { DemoChange } from './demo-world.ts'

const FIXTURE = join(
  dirname(dirname(dirname(fileURLToPath(import.meta.url)))),
  'sandbox',
  'demo',
  '__fixtures__',
  'orders-api',
)
const REPOSITORY = 'acme/orders-api'
const BRANCH = 'phase-2/T-201-search'

const BODY = `Customers want to find their orders again.

- \`GET /search?customer=…\` answers the orders of a customer and their total
- \`GET /invoice?name=…\` sends the invoice as PDF

Plan: T-201`

/** A TypeScript service with a plan, and a pull request of Bob's that has bugs worth finding. */
export async function seedOrders(github: GithubSandbox): Promise<DemoChange> {
  await github.createRepository(REPOSITORY, {
    fromFolder: join(FIXTURE, 'base'),
    collaborators: { ada: 'admin', bob: 'write' },
  })
  github.addBranchRule(REPOSITORY, { pattern: 'dev', requiredChecks: ['devloop/governance'], requiredApprovals: 1 })
  const bob = github.as('bob', REPOSITORY)
  await github.as('ada', REPOSITORY).push('dev', { 'CHANGELOG.md': '# Changelog\n' }, 'Start a changelog')
  await bob.push(BRANCH, await filesBelow(join(FIXTURE, 'head')), 'Search orders, send invoices', { from: 'dev' })
  const { number } = await bob.openPullRequest({
    title: 'Search orders by customer and send invoices',
    body: BODY,
    head: BRANCH,
    base: 'dev',
  })
  return { repository: REPOSITORY, number, asker: 'ada' }
}

async function filesBelow(folder: string): Promise<Readonly<Record<string, string>>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return Object.fromEntries(
    await Promise.all(files.map(async (path) => [path.slice(folder.length + 1), await readFile(path, 'utf8')])),
  )
}
