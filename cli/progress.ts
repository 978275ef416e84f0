import { painter } from './style.ts'
import type { CliWorld } from './world.ts'

/** One line on stderr that says what is going on, for everything that may take longer than two seconds. */
export interface Progress {
  say(text: string): void
  end(): void
}

/** Begins every rewriting of the line, and stands nowhere else. */
export const CLEAR_LINE = '\r\u001b[2K'

/** In a terminal the line is rewritten in place; in a pipe each new state is a line; for machines nothing is said. */
export function createProgress(world: CliWorld, quiet: boolean): Progress {
  if (quiet) return { say: () => {}, end: () => {} }
  const paint = painter(world)
  const startedAt = Date.now()
  let last = ''
  let shown = false
  return {
    say(text) {
      if (text === last) return
      last = text
      const seconds = `${((Date.now() - startedAt) / 1000).toFixed(1).padStart(5)} s`
      if (world.isTty) {
        world.stderr(`${CLEAR_LINE}${paint('dim', seconds)}  ${text.slice(0, 110)}`)
        shown = true
      } else world.stderr(`${seconds}  ${text}\n`)
    },
    end() {
      if (shown) world.stderr(CLEAR_LINE)
      shown = false
    },
  }
}
