import { parseArgs } from 'node:util'
import type { Figures } from './line-result.ts'

export interface LineRun {
  /** Fewer and shorter rounds: to see that it runs, not to be quoted. */
  readonly isQuick: boolean
  /** What is being done now, for whoever watches. */
  say(what: string): void
}

/** Runs a line in the process that `npm run bench` started for it; started by hand, it prints what it found as JSON. */
export async function reportLine(measure: (run: LineRun) => Promise<Figures>): Promise<void> {
  const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } })
  const found = await measure({
    isQuick: values.quick,
    say: (what) => {
      if (process.send) process.send({ say: what })
      else process.stderr.write(`${what}\n`)
    },
  })
  if (process.send) await new Promise((resolve) => process.send?.({ figures: found }, resolve))
  else process.stdout.write(`${JSON.stringify(found, null, 1)}\n`)
  // What a peer left open must not keep the process.
  process.exit()
}
