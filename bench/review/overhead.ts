import { systemClock } from '../../adapters/system/system-clock.ts'
import { createFakeEngine } from '../../ports/fakes/fake-engine.ts'
import { reviewChange } from './review-change.ts'

/** A change of so many files with one hunk of 40 lines each. */
export function changeOf(files: number): { diff: string; head: ReadonlyMap<string, string> } {
  const head = new Map<string, string>()
  const parts = Array.from({ length: files }, (_, index) => {
    const path = `src/module-${index % 10}/file-${index}.ts`
    const lines = Array.from(
      { length: 40 },
      (_line, number) => `  const value${number} = compute(input${index}, ${number})`,
    )
    head.set(path, `${lines.join('\n')}\n`)
    const body = lines.map((line) => `+${line}\n`).join('')
    return `diff --git a/${path} b/${path}\nnew file mode 100644\n--- /dev/null\n+++ b/${path}\n@@ -0,0 +1,40 @@\n${body}`
  })
  return { diff: parts.join(''), head }
}

/** Milliseconds of a review in which the model takes no time at all, the fastest of so many runs. */
export async function overheadMs(files: number, runs: number): Promise<number> {
  const { diff, head } = changeOf(files)
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const engine = createFakeEngine([], ({ schema }) => emptyAnswer(schema))
    const startedAt = performance.now()
    await reviewChange(
      { diff, head, title: 'Large', description: '' },
      { engine, model: 'qwen3-coder:30b', clock: systemClock },
    )
    times.push(performance.now() - startedAt)
  }
  return Math.min(...times)
}

/** An answer that finds nothing and finds every question fine. */
export function emptyAnswer(schema: unknown): string {
  const asked = JSON.stringify(schema)
  const ids = [...asked.matchAll(/"([\w-]+)":\{"type":"object","properties":\{"verdict"/gu)].map(([, id]) => id ?? '')
  return JSON.stringify({
    findings: [],
    checks: Object.fromEntries(ids.map((id) => [id, { verdict: 'fine', reason: '' }])),
  })
}

if (import.meta.main) {
  const ms = await overheadMs(100, 5)
  process.stdout.write(`everything but model time, 100 files: ${ms.toFixed(0)} ms (at most 300)\n`)
  process.exitCode = ms <= 300 ? 0 : 1
}
