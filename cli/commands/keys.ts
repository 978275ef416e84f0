import { createKey } from '../../app/controller/keys.ts'
import { openLocalStore } from '../../parts/local-store.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { microUsdFromUsd, usdFromMicroUsd } from '../../ports/money.ts'
import type { KeyScope } from '../../ports/store.ts'
import { CliError, usageError } from '../error.ts'
import { painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

const SCOPES = ['infer', 'control', 'read'] as const satisfies readonly KeyScope[]

export interface KeysCreateOptions {
  readonly scope: string
  readonly model?: string
  readonly monthlyBudget?: number
  readonly json?: boolean
}

/** `devloop keys create NAME`: the key is shown this once; the store keeps its hash. */
export async function keysCreate(name: string, options: KeysCreateOptions, world: CliWorld): Promise<CommandResult> {
  const scopes = options.scope.split(',').map((text) => text.trim())
  const unknown = scopes.find((scope) => !SCOPES.some((known) => known === scope))
  if (unknown !== undefined)
    throw usageError(`--scope ${unknown} is none.`, `Use ${SCOPES.join(', ')}, separated by commas.`)
  if (options.monthlyBudget !== undefined && !(options.monthlyBudget >= 0))
    throw usageError('--monthly-budget takes dollars.', 'Write a number from 0.')
  const opened = await openLocalStore(readEnvironment(world.env, world.cwd))
  try {
    const wish = {
      name,
      scopes: SCOPES.filter((scope) => scopes.includes(scope)),
      models: options.model === undefined ? null : options.model.split(',').map((tag) => tag.trim()),
      monthlyMicroUsd: options.monthlyBudget === undefined ? null : microUsdFromUsd(options.monthlyBudget),
    }
    const { row, key } = await createKey(wish, { keys: opened.store.keys, clock: opened.clock, random: opened.random })
    if (options.json) world.stdout(`${JSON.stringify({ id: row.id, name: row.name, scopes: row.scopes, key })}\n`)
    else {
      world.stdout(`${key}\n`)
      world.stderr(
        `${painter(world)('dim', `${row.id} "${row.name}" (${row.scopes.join(', ')}). Shown this once: keep it now.`)}\n`,
      )
    }
    return { exitCode: 0 }
  } finally {
    await opened.close()
  }
}

export async function keysList(options: { readonly json?: boolean }, world: CliWorld): Promise<CommandResult> {
  const opened = await openLocalStore(readEnvironment(world.env, world.cwd))
  try {
    const rows = await opened.store.keys.list()
    const views = rows.map(({ id, name, scopes, models, monthlyMicroUsd, createdAt, lastUsedAt, revokedAt }) => ({
      id,
      name,
      scopes,
      models,
      monthlyUsd: monthlyMicroUsd === null ? null : usdFromMicroUsd(monthlyMicroUsd),
      createdAt: isoTime(createdAt),
      lastUsedAt: isoTime(lastUsedAt),
      revokedAt: isoTime(revokedAt),
    }))
    if (options.json) world.stdout(`${JSON.stringify(views)}\n`)
    else if (views.length === 0) world.stdout('There is no key; `devloop keys create NAME` makes one.\n')
    else {
      const paint = painter(world)
      const head = ['ID', 'NAME', 'SCOPES', 'LAST USED', 'STATE'].map((text) => paint('dim', text))
      const lines = views.map((view) => [
        view.id,
        view.name,
        view.scopes.join(','),
        view.lastUsedAt ?? 'never',
        view.revokedAt === null ? paint('good', 'active') : paint('bad', 'revoked'),
      ])
      world.stdout(`${table([head, ...lines])}\n`)
    }
    return { exitCode: 0 }
  } finally {
    await opened.close()
  }
}

export async function keysRevoke(
  id: string,
  options: { readonly json?: boolean },
  world: CliWorld,
): Promise<CommandResult> {
  const opened = await openLocalStore(readEnvironment(world.env, world.cwd))
  try {
    const revoked = await opened.store.keys.revoke(id, opened.clock.now())
    if (!revoked)
      throw new CliError({
        code: 'not-found',
        owner: 'user',
        message: `There is no active key ${id}.`,
        remedy: '`devloop keys list` shows them.',
      })
    world.stdout(options.json ? `${JSON.stringify({ id, revoked })}\n` : `${id} no longer works.\n`)
    return { exitCode: 0 }
  } finally {
    await opened.close()
  }
}

function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}
