import { parseArgs } from 'node:util'
import { Agent, fetch } from 'undici'
import { OllamaEngine } from '../../adapters/ollama/engine.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { startOllama } from '../../sandbox/ollama/start.ts'
import { loadCases } from './bench-case.ts'
import { readFindingsFile } from './findings-file.ts'
import { type CaseRun, renderScore, scoreOf } from './score.ts'
import { reviewChange } from './review-change.ts'

const usage = `npm run bench:review -- --engine URL --model M [--only TEXT] [--json]
npm run bench:review -- --findings FILE [--json]

Reviews the set of small pull requests in bench/review/cases with any Ollama and prints how good the reviews are.
--engine    address of an Ollama; "sandbox" starts the labelled stand-in, which is no language model
--model     a tag that the engine has; default qwen3-coder:30b
--passes    passes over each change; default 1
--only      cases whose id holds this text
--findings  scores what another tool found: a JSON array of {case, path, line, severity?} or SARIF with the case as first path segment
`

const { values } = parseArgs({
  options: {
    engine: { type: 'string' },
    model: { type: 'string', default: 'qwen3-coder:30b' },
    passes: { type: 'string', default: '1' },
    only: { type: 'string', default: '' },
    findings: { type: 'string' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || (values.engine === undefined && values.findings === undefined)) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const cases = (await loadCases()).filter(({ id, kind }) => kind !== 'anchor' && id.includes(values.only))
  const runs = values.findings === undefined ? await runAll(cases) : await readFindingsFile(values.findings, cases)
  const score = scoreOf(runs)
  process.stdout.write(
    values.json ? `${JSON.stringify({ model: values.model, ...score }, null, 2)}\n` : renderScore(score),
  )
}

async function runAll(cases: Awaited<ReturnType<typeof loadCases>>): Promise<CaseRun[]> {
  const { engine: wanted = 'sandbox', model, passes } = values
  const sandbox = wanted === 'sandbox' ? await startOllama({ models: [model] }) : null
  // The adapter's own limits hold; undici's would end a slow first token after five minutes.
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0 })
  try {
    const engine = new OllamaEngine(
      { fetch: (url, init) => fetch(url, { ...init, dispatcher }), clock: systemClock, random: createSystemRandom() },
      { url: (sandbox?.url ?? wanted).replace(/\/$/u, ''), token: null },
    )
    const runs: CaseRun[] = []
    for (const each of cases) {
      const startedAt = performance.now()
      const { result } = await reviewChange(each.change, { engine, model, clock: systemClock, passes: Number(passes) })
      const seconds = (performance.now() - startedAt) / 1000
      const comments = [...result.ranking.inline, ...result.ranking.folded].map(({ path, line, severity, title }) => ({
        path,
        line,
        severity,
        title,
      }))
      const { promptTokens, completionTokens } = result.usage
      runs.push({
        benchCase: each,
        comments,
        outcome: result.outcome,
        shortfall: result.shortfall,
        seconds,
        promptTokens,
        completionTokens,
      })
      if (!values.json)
        process.stderr.write(
          `${each.id.padEnd(32)} ${result.outcome.padEnd(8)} ${comments.length} comments  ${seconds.toFixed(1)} s\n`,
        )
    }
    return runs
  } finally {
    await dispatcher.close()
    await sandbox?.stop()
  }
}
