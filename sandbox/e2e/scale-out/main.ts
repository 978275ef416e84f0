import { writeFile } from 'node:fs/promises'
import { cpus, loadavg } from 'node:os'
import { parseArgs } from 'node:util'
import { NO_POSTGRES, startPostgres } from '../../postgres/start-postgres.ts'
import type { Effort, Finding, Line } from './line.ts'
import { LINES } from './lines.ts'
import { type Circumstances, renderPage, renderText, type Result, stands } from './report.ts'

const PAGE = new URL('../../../docs/scale-out.md', import.meta.url)

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '120' },
    rate: { type: 'string', default: '50' },
    kills: { type: 'string', default: '10' },
    /** Ids of lines, separated by commas; all by default. */
    only: { type: 'string', default: '' },
    /** The waits of the fleet made short. */
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    /** Writes docs/scale-out.md. */
    page: { type: 'boolean', default: false },
  },
})

const loadBefore = load()
const postgres = await startPostgres()
if (postgres === null) {
  process.stderr.write(`${NO_POSTGRES}\n`)
  process.exitCode = 3
} else {
  try {
    await run({
      postgres,
      quick: values.quick,
      seconds: Number(values.seconds),
      perSecond: Number(values.rate),
      kills: Number(values.kills),
    })
  } finally {
    await postgres.stop()
  }
}

async function run(effort: Effort): Promise<void> {
  const wanted = values.only === '' ? LINES : LINES.filter(({ id }) => values.only.split(',').includes(id))
  const seen = new Map<Line['look'], Finding>()
  const results: Result[] = []
  for (const line of wanted) {
    const sound = seen.get(line.look) ?? (await found(line.look(effort), (why) => [why]))
    seen.set(line.look, sound)
    const result = { line, sound, broken: await found(line.lookBroken(effort), () => []) }
    results.push(result)
    if (!values.json) process.stdout.write(`${renderText([result])}\n`)
  }
  if (values.json) process.stdout.write(`${JSON.stringify(results.map(asJson), null, 2)}\n`)
  if (values.page) await writeFile(PAGE, renderPage(results, circumstances()))
  if (!results.every(stands)) process.exitCode = 1
}

/** A look that came to nothing proves nothing: neither that the claim holds nor that its break was noticed. */
async function found(look: Promise<Finding>, faultsOf: (why: string) => readonly string[]): Promise<Finding> {
  try {
    return await look
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return { figures: { 'ended early': why }, faults: faultsOf(why) }
  }
}

function asJson(result: Result) {
  const { line, sound, broken } = result
  const { id, claim, without } = line
  return {
    id,
    claim,
    stands: stands(result),
    figures: sound.figures,
    faults: sound.faults,
    without,
    noticed: broken?.faults,
  }
}

function circumstances(): Circumstances {
  const [{ model = 'unknown' } = {}] = cpus()
  const date = new Date().toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })
  const args = process.argv.slice(2).join(' ')
  return {
    date,
    machine: `${cpus().length} × ${model}, Node ${process.versions.node}, load ${loadBefore} before and ${load()} after`,
    command: `npm run scale-out${args === '' ? '' : ` -- ${args}`}`,
  }
}

/** Of the last minute: figures taken beside other work are worth less. */
function load(): string {
  return (loadavg()[0] ?? 0).toFixed(1)
}
