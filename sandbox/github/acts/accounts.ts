import type { Account } from '../state/account.ts'
import type { World } from '../world.ts'

export function createAccount(
  world: World,
  account: { login: string; type: Account['type']; name?: string; email?: string },
): Account {
  const { login, type, name } = account
  const id = world.nextId()
  const created: Account = {
    id,
    login,
    type,
    name: name ?? null,
    email: account.email ?? (type === 'Organization' ? null : `${id}+${login}@users.noreply.github.com`),
    createdAt: world.now(),
    members: new Map(),
    teams: new Map(),
  }
  world.accounts.set(login.toLowerCase(), created)
  return created
}
