import { askOnce } from '../../parts/ask-once.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import { usageError } from '../error.ts'
import { runWithEngine } from '../engine.ts'
import { maxCostOf } from '../max-cost.ts'
import { painter } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface InferOptions {
  readonly model?: string
  readonly engine?: string
  readonly maxCost?: number
  readonly json?: boolean
}

/** `devloop infer PROMPT`: the answer on stdout, what it cost on stderr. */
export async function infer(prompt: string, options: InferOptions, world: CliWorld): Promise<CommandResult> {
  const text = prompt === '-' ? await world.readStdin() : prompt
  if (text.trim() === '')
    throw usageError('The prompt is empty.', 'Write it as one quoted argument, or - to read it from stdin.')
  const maxCostMicroUsd = options.maxCost === undefined ? undefined : maxCostOf(options.maxCost)
  const { value, cost } = await runWithEngine(
    { ...options, ...(maxCostMicroUsd === undefined ? {} : { maxCostMicroUsd }) },
    world,
    async (run) => {
      const said = await askOnce(run, text)
      const { id, lease, queuedAt, clock } = run
      const timing = { queueMs: 0, spinUpMs: lease.readyAt - queuedAt, inferMs: clock.now() - lease.readyAt }
      return { id, ...said, timing }
    },
  )
  const answer = { ...value, cost: { usd: usdFromMicroUsd(cost) } }
  if (options.json) world.stdout(`${JSON.stringify(answer)}\n`)
  else {
    world.stdout(`${answer.output.trimEnd()}\n`)
    const seconds = ((answer.timing.spinUpMs + answer.timing.inferMs) / 1000).toFixed(1)
    const line = `${answer.model} · ${answer.usage.promptTokens} + ${answer.usage.completionTokens} tokens · ${seconds} s · $${answer.cost.usd.toFixed(4)}`
    world.stderr(`${painter(world)('dim', line)}\n`)
  }
  return { exitCode: 0 }
}
