import type { AccessConfig } from '../../config/resolved-config.ts'
import type { Access, Account } from '../../ports/github.ts'
import type { CommandName } from './command.ts'

type Permission = Awaited<ReturnType<Access['permission']>>

export type Authorization =
  | { readonly allowed: true; readonly permission: Permission }
  /** `message` says who may, as one sentence for the reply. */
  | { readonly allowed: false; readonly message: string }

const RANKS: readonly Permission[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin']

/** Commands that cost nothing and show nothing that the page does not show. */
const FREE: ReadonlySet<CommandName> = new Set(['help', 'status', 'check'])

/** Whether somebody may give a command, by GitHub's collaborator permission; when it cannot be told, they may not. */
export async function authorize(
  command: CommandName,
  who: Account,
  access: Pick<Access, 'permission'>,
  policy: AccessConfig,
): Promise<Authorization> {
  if (who.type === 'Bot') return { allowed: false, message: 'Commands are taken from people only.' }
  if (FREE.has(command)) return { allowed: true, permission: 'none' }
  const needed = command === 'override' ? policy.overrides : policy.trigger
  const permission = await access.permission(who.login)
  if (RANKS.indexOf(permission) >= RANKS.indexOf(needed)) return { allowed: true, permission }
  const setting = command === 'override' ? 'access.overrides' : 'access.trigger'
  const has = permission === 'none' ? 'no permission here' : `\`${permission}\``
  return {
    allowed: false,
    message: `\`${command}\` needs \`${needed}\` permission on this repository (\`${setting}\`); you have ${has}.`,
  }
}
