import { parseArgs } from 'node:util'
import { chaosFaults } from './chaos-faults.ts'
import { chaosTableHead, chaosTableRow, writeTable } from './chaos-table.ts'
import { killAt, killFaults } from './kill-at.ts'
import { KILL_MOMENTS } from './kill-moments.ts'
import { BREAKS } from './process-order.ts'
import { runProcesses } from './process-run.ts'
import { runVirtual } from './virtual-run.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    /** Several, one after the other: `1-4`. */
    seeds: { type: 'string' },
    /** `both`, `pglite`, `postgres`, or several with commas; `virtual` and `naive` run in virtual time. */
    store: { type: 'string', default: 'both' },
    /** Makes the fleet count money wrongly, to show that the run finds it. */
    break: { type: 'string', default: 'none' },
    /** Sets the clocks of single processes by minutes while they run. */
    'clock-jumps': { type: 'boolean', default: false },
    /** Instead: `devloop infer` killed at every moment, and `devloop pods reap` after it. */
    moments: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** The table of `docs/reliability.md`. */
    markdown: { type: 'boolean', default: false },
    /** The file in which the table takes the place of the one between the two `chaos` marks. */
    write: { type: 'string' },
    loud: { type: 'boolean', default: false },
  },
})

const seconds = Number(values.seconds)
const stores = values.store === 'both' ? ['pglite', 'postgres'] : values.store.split(',')
const how = BREAKS.find((name) => name === values.break) ?? 'none'
const results: Readonly<Record<string, unknown>>[] = []
let hasFailed = false

const table: string[] = []

printRow(chaosTableHead())

if (values.moments) {
  for (const moment of KILL_MOMENTS) {
    const outcome = await killAt(moment)
    report({ ...outcome }, killFaults(outcome))
  }
} else for (const store of stores) for (const seed of seedsOf(values.seeds ?? values.seed)) await run(store, seed)
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
if (values.write !== undefined) await writeTable(values.write, table.join(''))
process.exitCode = hasFailed ? 1 : 0

async function run(store: string, seed: number): Promise<void> {
  if (store === 'pglite' || store === 'postgres') {
    const order = { seed, seconds, store, loud: values.loud, break: how, clockJumps: values['clock-jumps'] } as const
    const result = await runProcesses(order)
    if (result === undefined)
      return report({ store, seed, skipped: 'no PostgreSQL server programs on this machine' }, [])
    const faults = chaosFaults(result, order.clockJumps ? 2 : 1)
    printRow(chaosTableRow(seed, result, faults))
    return report({ seed, ...result }, faults)
  }
  const fleet = store === 'naive' ? 'naive' : 'devloop'
  const { reached: _, ...result } = await runVirtual({ seed, replicas: 3, minutes: seconds / 6, fleet })
  const holds = result.liveAtEnd === 0 && result.lost === 0 && result.twice === 0
  report({ store, seed, ...result }, holds ? [] : ['leaks, or loses jobs'])
}

function report(result: Readonly<Record<string, unknown>>, faults: readonly string[]): void {
  hasFailed ||= faults.length > 0
  results.push({ ...result, faults })
  if (values.json || values.markdown) return
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(22)}${value}\n`)
  process.stdout.write(faults.length === 0 ? 'holds\n\n' : `DOES NOT HOLD: ${faults.join('; ')}\n\n`)
}

function printRow(row: string): void {
  table.push(row)
  if (values.markdown) process.stdout.write(row)
}

function seedsOf(text: string): readonly number[] {
  const [first = 1, last = first] = text.split('-').map(Number)
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
