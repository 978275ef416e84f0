import { expect, it } from 'vitest'
import { authorize } from '../../../../app/commands/authorize.ts'
import { COMMAND_NAMES, type CommandName } from '../../../../app/commands/command.ts'
import { defaultConfig } from '../../../../config/resolved-config.ts'

const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const
const NAMES: readonly CommandName[] = [...COMMAND_NAMES, 'infer']
const policy = defaultConfig().access

/** From which role on; `none` is everybody. */
const LEAST: Partial<Record<CommandName, (typeof ROLES)[number]>> = {
  help: 'none',
  status: 'none',
  check: 'none',
  override: 'admin',
}

const cases = NAMES.flatMap((command) => ROLES.map((role) => [command, role] as const))

it.each(cases)('%s by somebody with %s', async (command, role) => {
  const access = { permission: async () => role }
  const isAllowed = ROLES.indexOf(role) >= ROLES.indexOf(LEAST[command] ?? 'write')
  const person = await authorize(command, { login: 'bob', type: 'User' }, access, policy)
  expect(person.allowed).toBe(isAllowed)
  const bot = await authorize(command, { login: 'bob[bot]', type: 'Bot' }, access, policy)
  expect(bot.allowed).toBe(false)
})

it('nobody may spend while the permission cannot be read', async () => {
  const access = {
    permission: async () => {
      throw new Error('GitHub is away')
    },
  }
  for (const command of NAMES.filter((name) => (LEAST[name] ?? 'write') !== 'none'))
    await expect(authorize(command, { login: 'root', type: 'User' }, access, policy)).rejects.toThrow('away')
})
