import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { faultPage } from './fault-page.ts'
import type { FaultRow } from './fault-row.ts'
import { githubFaults } from './github-faults.ts'
import { podFaults } from './pod-faults.ts'
import { faultIds, inHouses } from './run-faults.ts'

const LIMIT_MS = 180_000
/** Waiting is most of it: each pair in a house of its own, side by side. */
const QUICK = [
  ['github-502', 'github-lost-replies'],
  ['github-webhooks-lost', 'runpod-500-created'],
]

async function rowsOf(ids: readonly string[], doorKind: 'honest' | 'lying'): Promise<readonly FaultRow[]> {
  const rows: FaultRow[] = []
  const faults = [...githubFaults, ...podFaults].filter(({ id }) => ids.includes(id))
  await inHouses(faults, false, (row) => void rows.push(row), doorKind)
  return rows
}

test.concurrent(
  'faults of GitHub and RunPod lose nothing and leave no pod',
  async () => {
    const rows = (await Promise.all(QUICK.map((ids) => rowsOf(ids, 'honest')))).flat()
    expect(rows.map(({ id, lost, podsAtEnd }) => ({ id, lost, podsAtEnd }))).toEqual(
      QUICK.flat().map((id) => ({ id, lost: [], podsAtEnd: 0 })),
    )
    for (const { id, pullRequest } of rows) expect(`${id}: ${pullRequest}`).toContain('summary: posted')
  },
  LIMIT_MS,
)

test.concurrent(
  'a server that says "stored" before anything is turns the table red',
  async () => {
    const [row] = await rowsOf(['github-webhooks-lost'], 'lying')
    expect(row?.lost).toContainEqual(expect.stringContaining('never arrived'))
    expect(row?.lost).toContainEqual(expect.stringContaining('nobody answered "/devloop review"'))
  },
  LIMIT_MS,
)

const PAGE = join(import.meta.dirname, '../../../docs/faults.md')

test.skipIf(!existsSync(PAGE))(
  'the table in docs/faults.md holds every fault, and nothing was lost in it',
  async () => {
    const rows = (await readFile(PAGE, 'utf8'))
      .split('\n')
      .filter((line) => line.startsWith('| ') && !/^\| (?:of|---) /.test(line))
    expect(rows).toHaveLength(faultIds().length)
    for (const row of rows) {
      const cells = row.split(/(?<!\\) \| /)
      if (!row.includes('not shown here')) expect([cells[6], cells[7]]).toEqual(['nothing', '0'])
    }
  },
)

test('the table shows what was lost, and what this machine cannot show', () => {
  const row: FaultRow = {
    id: 'x',
    area: 'GitHub',
    fault: 'a | b',
    pullRequest: 'summary: posted',
    dashboard: 'posted',
    log: '',
    cli: 'doctor: well',
    lost: ['1 pod'],
    podsAtEnd: 1,
    recoverySeconds: 2,
  }
  const page = faultPage([row, { id: 'disk-full', cannot: 'nobody may mount' }], new Date(0))
  expect(page).toContain('| GitHub | a \\| b | summary: posted | posted | nothing | doctor: well | 1 pod | 1 | 2 s |')
  expect(page).toContain('not shown here: nobody may mount')
  expect(page).toContain('npm run faults -- --write')
})
