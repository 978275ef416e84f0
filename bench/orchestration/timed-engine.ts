import type { Clock } from '../../ports/clock.ts'
import type { ModelEngine } from '../../ports/model.ts'
import { answer } from '../../sandbox/ollama/stand-in/answer.ts'
import { countTokens } from '../../sandbox/ollama/tokens.ts'

/** A 4090 with a 30b model of which 3b work at a time. */
const PROMPT_TOKENS_PER_SECOND = 2_000
const OUTPUT_TOKENS_PER_SECOND = 60
const OVERHEAD_MS = 60

export interface TimedEngine {
  readonly engine: ModelEngine
  readonly calls: number
  readonly promptTokens: number
  /** Slot time in use. */
  readonly busyMs: number
}

/**
 * The rule-based stand-in as an engine of so many slots whose calls take as long as a model's. What does not find a slot waits, as it
 * does in Ollama.
 */
export function createTimedEngine(clock: Clock, slots: number): TimedEngine {
  const waiting: (() => void)[] = []
  let free = slots
  const used = { calls: 0, promptTokens: 0, busyMs: 0 }
  const unused = () => Promise.reject(new Error('only chats are asked here'))

  async function take(): Promise<void> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }

  function giveBack(): void {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  const engine: ModelEngine = {
    async chat(request, { signal }) {
      await take()
      try {
        const prompt = request.messages.map(({ content }) => content).join('\n')
        const content = answer({ prompt, lastMessage: request.messages.at(-1)?.content ?? '', format: request.schema })
        const promptTokens = countTokens(prompt)
        const completionTokens = countTokens(content)
        const promptMs = (promptTokens / PROMPT_TOKENS_PER_SECOND) * 1_000
        const evalMs = (completionTokens / OUTPUT_TOKENS_PER_SECOND) * 1_000
        const ms = OVERHEAD_MS + promptMs + evalMs
        await clock.sleep(ms, signal)
        used.calls += 1
        used.promptTokens += promptTokens
        used.busyMs += ms
        return { content, model: request.model, promptTokens, completionTokens, loadMs: 0, promptMs, evalMs }
      } finally {
        giveBack()
      }
    },
    embed: unused,
    listModels: unused,
    showModel: unused,
    version: unused,
  }
  return {
    engine,
    get calls() {
      return used.calls
    },
    get promptTokens() {
      return used.promptTokens
    },
    get busyMs() {
      return used.busyMs
    },
  }
}
