import { painter, type Tone } from '../style.ts'
import type { CliWorld } from '../world.ts'
import type { DemoAnswer } from './demo-answer.ts'

export interface TimelineEntry {
  /** Seconds since the start. */
  readonly at: number
  readonly event: string
}

export interface Timeline {
  readonly entries: readonly TimelineEntry[]
  title(text: string): void
  say(stage: string, text: string): void
  /** `dashboardUrl` opens the dashboard without any log-in. */
  end(answer: DemoAnswer, dashboardUrl: string, once: boolean): void
}

const TONES: Readonly<Record<string, Tone>> = {
  rent: 'accent',
  model: 'accent',
  post: 'good',
  'give back': 'good',
  problem: 'bad',
}
const STAGE_WIDTH = 10

/** What happens, line by line with the second it happened in; kept for the JSON answer. */
export function createTimeline(world: CliWorld, quiet: boolean): Timeline {
  const paint = painter(world)
  const startedAt = performance.now()
  const entries: TimelineEntry[] = []
  const write = (text: string) => {
    if (!quiet) world.stderr(text)
  }
  return {
    entries,
    title: (text) => write(`\n${paint('strong', text)}\n\n`),
    say(stage, text) {
      const at = Math.round((performance.now() - startedAt) / 10) / 100
      const event = `${stage}: ${text}`
      if (entries.at(-1)?.event === event) return
      entries.push({ at, event })
      const tone = TONES[stage] ?? 'dim'
      write(`${paint('dim', `${at.toFixed(2).padStart(7)} s`)}  ${paint(tone, stage.padEnd(STAGE_WIDTH))} ${text}\n`)
    },
    end(answer, dashboardUrl, once) {
      const checks = Object.entries(answer.checks).map(
        ([name, conclusion]) =>
          `${name} ${paint(conclusion === 'success' || conclusion === 'neutral' ? 'good' : 'warn', conclusion)}`,
      )
      write(
        `\n${paint('strong', `Review ${answer.outcome}`)}: ${answer.findings} findings · checks ${checks.join(', ')} · pods ${answer.pods.rented} rented, ${answer.pods.running} running · $${answer.cost.usd.toFixed(4)}\n`,
      )
      if (once) return
      write(
        `\n  pull request  ${paint('accent', answer.pullRequestUrl)}\n  dashboard     ${paint('accent', dashboardUrl)}\n\nWrite a comment there, for example ${paint('strong', '/devloop help')}. Ctrl-C ends everything.\n`,
      )
    },
  }
}
