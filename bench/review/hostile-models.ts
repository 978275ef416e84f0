import { fetch } from 'undici'
import { OllamaEngine } from '../../adapters/ollama/engine.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSeededRandom } from '../../ports/fakes/seeded-random.ts'
import type { OllamaFaultName } from '../../sandbox/ollama/faults.ts'
import { startOllama } from '../../sandbox/ollama/start.ts'
import { table } from '../../review/render/markdown-text.ts'
import { shareOut } from '../../review/share-out.ts'
import { reviewChange } from './review-change.ts'

const model = 'qwen2.5-coder:7b'

/** One row of the table: a misbehaviour, and what a review makes of it. */
export interface HostileRow {
  readonly behaviour: OllamaFaultName
  readonly what: string
  readonly how: 'once' | 'always'
  readonly outcome: string
  readonly calls: number
  readonly hunksRead: string
  readonly reader: string
}

/** What the model or the engine does, in words. */
const behaviours: readonly (readonly [OllamaFaultName, string])[] = [
  ['garbage', 'answers with bytes that mean nothing'],
  ['empty', 'answers with nothing'],
  ['cut', 'stops in the middle, without a word'],
  ['cut-json', 'runs out of room in the middle of the JSON'],
  ['never-ending', 'never ends its answer'],
  ['huge', 'answers with 50 MB'],
  ['schema-breaking', 'answers with JSON of another shape'],
  ['ignore-format', 'answers with friendly prose'],
  ['fenced', 'puts the JSON into a code fence'],
  ['prose-before', 'writes a sentence before the JSON'],
  ['looping', 'repeats one word until Ollama stops it'],
  ['white-space', 'repeats line feeds until Ollama stops it'],
  ['thinking-in-content', 'thinks aloud before the JSON'],
  ['only-thinking', 'thinks until its room is used up'],
  ['dies-before-answer', 'drops the connection before the first byte'],
  ['dies-after-first-chunk', 'drops the connection after the first piece'],
  ['error-line', 'ends a begun answer with an error line'],
  ['crash', 'crashes: status 500'],
  ['too-long', 'refuses every prompt as too long'],
]

/** A change of three hunks in two files, one of them with a bug that the stand-in knows. */
const diff = `diff --git a/src/total.ts b/src/total.ts
--- a/src/total.ts
+++ b/src/total.ts
@@ -1,3 +1,6 @@
 export function total(prices: number[]) {
   let sum = 0
+  for (let i = 0; i <= prices.length; i++) {
+    sum += prices[i]
+  }
   return sum
@@ -20,2 +23,3 @@
 export function first(prices: number[]) {
+  const known = prices.length > 0
   return prices[0]
diff --git a/src/name.ts b/src/name.ts
--- a/src/name.ts
+++ b/src/name.ts
@@ -10,2 +10,3 @@
   const user = findUser(id)
+  const label = user.label
   return user.name
`

const rowsAtOnce = 4

/** Reviews the same change under every misbehaviour, once and for ever, and says how each ended. */
export async function hostileRows(): Promise<readonly HostileRow[]> {
  const wanted = behaviours.flatMap(([behaviour, what]) =>
    (['once', 'always'] as const).map((how) => ({ behaviour, what, how })),
  )
  const signal = new AbortController().signal
  return shareOut(wanted, rowsAtOnce, signal, ({ behaviour, what, how }) => hostileRow(behaviour, what, how))
}

/** The table as `docs/hostile-models.md` holds it. */
export function hostileTable(rows: readonly HostileRow[]): string {
  return `# What a review makes of a hostile model

Written by \`bench/review/hostile-models.test.ts\` from runs against the emulated Ollama: the same change of three hunks in two files,
with one real bug in it, reviewed while the model or the engine misbehaves at the first call (once) or at every call (always). "Calls"
counts chat requests, the second look at the finding included. No misbehaviour ends in silence, none is taken for "no findings", and no
prompt costs more than three calls.

${table(
  ['the model', 'how often', 'outcome', 'calls', 'hunks read', 'what the reader is told'],
  rows.map(({ what, how, outcome, calls, hunksRead, reader }) => [
    what,
    how,
    outcome,
    String(calls),
    hunksRead,
    reader,
  ]),
)}
`
}

async function hostileRow(behaviour: OllamaFaultName, what: string, how: 'once' | 'always'): Promise<HostileRow> {
  const times = how === 'once' ? 1 : Number.POSITIVE_INFINITY
  const ollama = await startOllama({
    models: [model],
    parallel: 4,
    speed: { promptTokensPerSecond: Number.POSITIVE_INFINITY, tokensPerSecond: Number.POSITIVE_INFINITY },
    faults: [{ after: '/api/chat', fault: behaviour, times }],
  })
  try {
    const engine = new OllamaEngine(
      {
        fetch,
        clock: systemClock,
        random: createSeededRandom(1),
        limits: { chatMs: behaviour === 'never-ending' ? 2_000 : 30_000, busyTries: 1, proxyTries: 1 },
      },
      { url: ollama.url, token: null },
    )
    const change = { diff, title: 'Totals', description: '', head: new Map<string, string>() }
    const { result } = await reviewChange(change, { engine, model, clock: systemClock })
    const read = result.coverage.filter(({ state }) => state === 'reviewed').length
    return {
      behaviour,
      what,
      how,
      outcome: result.outcome,
      calls: ollama.calls.filter(({ path }) => path === '/api/chat').length,
      hunksRead: `${read} of ${result.coverage.length}`,
      reader: (result.shortfall ?? '').replace(/\s+/gu, ' '),
    }
  } finally {
    await ollama.stop()
  }
}
