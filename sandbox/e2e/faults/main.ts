import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { faultPage } from './fault-page.ts'
import { runFaults, type Told } from './run-faults.ts'

const { values } = parseArgs({
  options: {
    /** Faults whose name contains this. */
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
    /** Writes docs/faults.md. */
    write: { type: 'boolean', default: false },
    /** Leaves `devloop doctor` out. */
    quick: { type: 'boolean', default: false },
  },
})

const told = await runFaults({
  only: values.only,
  withCli: !values.quick,
  onRow: (row) => {
    if (!values.json) process.stdout.write(`${textOf(row)}\n`)
  },
})
const isRed = told.some((row) => 'lost' in row && (row.lost.length > 0 || row.podsAtEnd > 0))
if (values.json) process.stdout.write(`${JSON.stringify(told)}\n`)
if (values.write) await writeFile(join(import.meta.dirname, '../../../docs/faults.md'), faultPage(told, new Date()))
process.exit(isRed ? 1 : 0)

function textOf(row: Told): string {
  if ('cannot' in row) return `-  ${row.id.padEnd(26)} ${row.cannot}`
  const isWell = row.lost.length === 0 && row.podsAtEnd === 0
  const end = isWell ? `nothing lost, recovered in ${row.recoverySeconds} s` : `LOST: ${row.lost.join('; ')}`
  return `${isWell ? '✓' : '✗'}  ${row.id.padEnd(26)} ${end}\n   ${row.pullRequest}`
}
