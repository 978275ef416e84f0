import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { judgeSoak } from './judge-soak.ts'
import { daysOf } from './soak-orders.ts'
import { soakPage } from './soak-page.ts'
import { runSoak, type SoakLook, type SoakResult } from './soak-run.ts'

const { values } = parseArgs({
  options: {
    days: { type: 'string', default: '7' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Writes docs/soak.md. */
    write: { type: 'boolean', default: false },
    /** The broken variant: nothing that has ended is ever dropped. */
    leak: { type: 'boolean', default: false },
  },
})

// Thousands of sleeps are called off in a day, each with an error that nobody reads.
Error.stackTraceLimit = 2
const order = daysOf(Number(values.days), Number(values.seed))
const result = await runSoak({
  ...order,
  ...(values.leak ? { broken: 'keeps-everything' as const } : {}),
  onLook: (look) => {
    if (!values.json) process.stdout.write(lookLine(look))
  },
})
const faults = judgeSoak(result)
process.stdout.write(values.json ? `${JSON.stringify({ ...result, faults })}\n` : report(result, faults))
if (values.write)
  await writeFile(join(import.meta.dirname, '../../../docs/soak.md'), soakPage(result, faults, new Date()))
process.exit(faults.length > 0 ? 1 : 0)

function lookLine({ at, pullRequests, heapMb, rows, lasting, handles }: SoakLook): string {
  const cells = [
    at.slice(0, 16),
    `${pullRequests} pull requests`.padStart(19),
    `heap ${heapMb.toFixed(1)} MB`.padStart(14),
    `${rows} rows`.padStart(11),
    `${lasting} lasting`.padStart(13),
    `${handles} handles`.padStart(10),
  ]
  return `${cells.join('  ')}\n`
}

function report(result: SoakResult, faults: readonly string[]): string {
  const { looks: _looks, lost, twice, ...facts } = result
  const shown = { ...facts, lost: lost.length, twice: twice.length }
  const lines = Object.entries(shown).map(([name, value]) => {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    return `${name.padEnd(22)}${text}\n`
  })
  return `\n${lines.join('')}${faults.length === 0 ? 'holds' : `DOES NOT HOLD:\n  ${faults.join('\n  ')}`}\n`
}
