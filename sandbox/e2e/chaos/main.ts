import { parseArgs } from 'node:util'
import { type ProcessResult, runProcesses } from './process-run.ts'
import { runVirtual } from './virtual-run.ts'

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    seed: { type: 'string', default: '1' },
    /** `both`, `pglite` or `postgres`; `virtual` and `naive` run in virtual time. */
    store: { type: 'string', default: 'both' },
    json: { type: 'boolean', default: false },
    loud: { type: 'boolean', default: false },
  },
})

const seconds = Number(values.seconds)
const seed = Number(values.seed)
const stores = values.store === 'both' ? (['pglite', 'postgres'] as const) : [values.store]
const results: unknown[] = []
let hasFailed = false

for (const store of stores) {
  if (store === 'pglite' || store === 'postgres') {
    const result = await runProcesses({ seed, seconds, store, loud: values.loud })
    if (result === undefined) report({ store, skipped: 'no PostgreSQL server programs on this machine' }, [])
    else report({ ...result }, faultsOf(result))
  } else {
    const { reached: _, ...result } = await runVirtual({
      seed,
      replicas: 3,
      minutes: seconds / 6,
      fleet: store === 'naive' ? 'naive' : 'devloop',
    })
    report(
      { store, ...result },
      result.liveAtEnd === 0 && result.lost === 0 && result.twice === 0 ? [] : ['leaks, or loses jobs'],
    )
  }
}
if (values.json) process.stdout.write(`${JSON.stringify(results)}\n`)
process.exitCode = hasFailed ? 1 : 0

function faultsOf(result: ProcessResult): string[] {
  return [
    result.liveAtEnd > 0 ? `${result.liveAtEnd} pods live at the end` : '',
    result.maxLive > 1 ? `${result.maxLive} pods at once, 1 allowed` : '',
    result.lost > 0 ? `${result.lost} jobs lost` : '',
    result.twice > 0 ? `${result.twice} jobs done twice` : '',
    result.differencePercent > 1 ? `ledger and bill differ by ${result.differencePercent} %` : '',
  ].filter((fault) => fault !== '')
}

function report(result: Readonly<Record<string, unknown>>, faults: readonly string[]): void {
  hasFailed ||= faults.length > 0
  results.push({ ...result, faults })
  if (values.json) return
  for (const [name, value] of Object.entries(result)) process.stdout.write(`${name.padEnd(22)}${value}\n`)
  process.stdout.write(faults.length === 0 ? 'holds\n\n' : `DOES NOT HOLD: ${faults.join('; ')}\n\n`)
}
