import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { NO_POSTGRES } from '../../postgres/start-postgres.ts'
import { BAD_INPUTS, type BadInput, SECRETS } from './cases.ts'
import { openDatabases } from './databases.ts'
import { mayMount } from './run-devloop.ts'
import { renderTable, type BadInputRow, renderRow } from './table.ts'
import { tryInput } from './try-input.ts'

// Dozens of processes share two cores.
vi.setConfig({ testTimeout: 150_000 })

const PAGE = join(import.meta.dirname, '..', '..', '..', 'docs', 'bad-input.md')
const commandOf = ({ args }: BadInput) => `devloop ${args.join(' ')}`

describe('bad input at the door', () => {
  let opened: Awaited<ReturnType<typeof openDatabases>>
  const canMount = mayMount()
  const rows = new Map<BadInput, BadInputRow>()
  beforeAll(async () => {
    opened = await openDatabases()
  })
  afterAll(() => opened?.stop())

  it.concurrent.each(BAD_INPUTS.map((input) => [input.fault, commandOf(input), input] as const))(
    '%s: %s',
    async (_, __, input) => {
      if (input.disk !== undefined && input.disk !== 'no-growth' && !canMount)
        return skipped('a process may have no mounts of its own here')
      if (input.database !== undefined && opened === null) return skipped(NO_POSTGRES)
      const { code, sentence, output, pods, left } = await tryInput(input, opened?.databases)
      expect({ code, pods, left }, output).toEqual({ code: input.exit, pods: input.rented ?? 0, left: 0 })
      expect(sentence).toMatch(/^devloop: [^\n]+\.$/)
      expect(sentence.split('devloop: ')).toHaveLength(2)
      for (const secret of Object.values(SECRETS)) expect(output).not.toContain(secret)
      rows.set(input, {
        fault: input.fault,
        command: commandOf(input),
        sentence: sentence.replace(/^devloop: /, ''),
        exit: String(code),
        rented: pods === 0 ? '0' : `${pods}, given back`,
      })
    },
  )

  it('is told on the page', async () => {
    const page = await readFile(PAGE, 'utf8').catch(() => '')
    // What could not be tried here stands as it was.
    const tried = BAD_INPUTS.flatMap((input) => rows.get(input) ?? [])
    if (tried.length === BAD_INPUTS.length) await expect(renderTable(tried)).toMatchFileSnapshot(PAGE)
    else for (const row of tried) expect(page).toContain(renderRow(row))
  })
})

function skipped(why: string): void {
  console.info(`skipped: ${why}`)
}
