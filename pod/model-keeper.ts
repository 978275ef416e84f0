import { log } from './log.ts'
import { type ModelOrder, prepareModel } from './prepare-model.ts'
import type { GuardState } from './state.ts'

/** Keeps the one model of this pod prepared: the newest order wins, an equal one changes nothing. */
export class ModelKeeper {
  readonly #ollamaUrl: string
  readonly #state: GuardState
  readonly #now: () => number
  #order: ModelOrder | undefined
  #work: AbortController | undefined

  constructor(ollamaUrl: string, state: GuardState, now: () => number) {
    this.#ollamaUrl = ollamaUrl
    this.#state = state
    this.#now = now
  }

  order(order: ModelOrder): void {
    const isSame = JSON.stringify(order) === JSON.stringify(this.#order)
    if (isSame && this.#state.phase !== 'failed') return
    this.#order = order
    void this.#prepare(order)
  }

  /** Prepares again what was ordered last, for an Ollama that came back empty. */
  again(): void {
    if (this.#order !== undefined) void this.#prepare(this.#order)
  }

  async #prepare(order: ModelOrder): Promise<void> {
    this.#work?.abort(new Error('Another model was ordered.'))
    const work = new AbortController()
    this.#work = work
    Object.assign(this.#state, { model: order.model, modelDigest: null, vram: null, progress: null, settledAt: null })
    const draft = followUnlessStale(this.#state, work.signal)
    try {
      await prepareModel(this.#ollamaUrl, order, draft, work.signal)
      log('ready', { model: order.model })
    } catch (problem) {
      if (work.signal.aborted) return
      const message = problem instanceof Error ? problem.message : String(problem)
      draft.phase = 'failed'
      draft.error = message
      log('failed', { model: order.model, error: message })
    }
    draft.settledAt = this.#now()
  }
}

/** Writes go to the state until the order is replaced or the pod is ending. */
function followUnlessStale(state: GuardState, signal: AbortSignal): GuardState {
  return new Proxy(state, {
    set: (target, name, value) =>
      signal.aborted || (name === 'phase' && target.phase === 'ending') || Reflect.set(target, name, value),
  })
}
