import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Line, LINES } from './lines.ts'
import { arePeersInstalled, installPeers, PEERS_MISSING } from './report/peers.ts'
import { createProgress } from './report/progress.ts'
import { publishRecords, writeRecord } from './report/records.ts'
import { renderResult } from './report/render-result.ts'
import { runLine } from './report/run-line.ts'

// `npm run bench [-- --only a,b] [--quick] [--json] [--render]`: every line in a process of its own, one after the other.
const USAGE = `npm run bench -- [--only ${LINES.map(({ id }) => id).join(',')}] [--quick] [--json] [--render]

  --only    these lines alone
  --quick   fewer and shorter rounds, about a minute in all; records nothing
  --json    one JSON object on stdout instead of tables
  --render  measures nothing; writes docs/benchmarks.md and the charts from what is on record`

const ROOT = join(import.meta.dirname, '..')

try {
  process.exitCode = await main()
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`)
  process.exitCode = 2
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      render: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) process.stdout.write(`${USAGE}\n`)
  if (values.render) await publishRecords()
  if (values.help || values.render) return 0

  const lines = chosen(values.only)
  const progress = createProgress(process.stderr, lines, values.quick)
  if (lines.some(({ needsPeers }) => needsPeers) && !arePeersInstalled()) {
    process.stderr.write('Installing what DevLoop is measured against into bench/peers (once, about 20 s)\n')
    if (!(await installPeers())) process.stderr.write(`skipped: ${PEERS_MISSING}\n`)
  }
  if (lines.some(({ needsBundle }) => needsBundle === true)) await bundle()
  const failed: string[] = []
  const results: unknown[] = []
  for (const line of lines) {
    progress.begin(line)
    const end = await runLine(line, { isQuick: values.quick, say: progress.say })
    progress.end(line)
    if (end.kind === 'failed') {
      failed.push(line.id)
      process.stderr.write(`${line.id} could not be measured: ${end.why}\n`)
      continue
    }
    results.push(end.result)
    if (!values.json)
      process.stdout.write(`${renderResult(line, end.result, process.stdout.isTTY && !process.env.NO_COLOR)}\n\n`)
    if (values.quick) continue
    await writeRecord(end.result)
    await publishRecords()
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ isQuick: values.quick, results, failed }, null, 1)}\n`)
  if (values.quick) process.stderr.write('Quick figures say that it runs, no more: nothing was recorded.\n')
  return failed.length === 0 ? 0 : 3
}

async function bundle(): Promise<void> {
  const child = spawn(process.execPath, ['scripts/bundle.ts', '--uncommitted'], { cwd: ROOT, stdio: ['ignore', 2, 2] })
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error(`dist/devloop.js could not be bundled (exit ${code}).`)
}

function chosen(only: string | undefined): readonly Line[] {
  if (only === undefined) return LINES
  return only.split(',').map((id) => {
    const line = LINES.find((one) => one.id === id.trim())
    if (line === undefined) throw new RangeError(`there is no line named ${id}.`)
    return line
  })
}
