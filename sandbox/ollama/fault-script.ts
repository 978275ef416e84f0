/** One scripted misbehaviour: which call it waits for, how many it lets pass, how often it strikes. */
export interface ScriptedFault {
  /** What the fault follows: a route or an operation; `*` is any. */
  readonly after: string
  readonly fault: string
  /** Calls to let pass first. Default 0. */
  readonly skip?: number
  /** How many calls are struck. Default 1; `Infinity` for ever. */
  readonly times?: number
  /** A duration for faults that have one, in milliseconds. */
  readonly ms?: number
}

interface Pending<F> {
  readonly entry: F
  toSkip: number
  left: number
}

/** Faults waiting for their call, first come first served. */
export class FaultScript<F extends ScriptedFault> {
  #pending: Pending<F>[] = []

  constructor(entries: readonly F[] = []) {
    for (const entry of entries) this.add(entry)
  }

  add(entry: F): void {
    this.#pending.push({ entry, toSkip: entry.skip ?? 0, left: entry.times ?? 1 })
  }

  clear(): void {
    this.#pending = []
  }

  /** The fault that strikes this call, if any. Counts the call. */
  take(call: string): F | undefined {
    for (const pending of this.#pending) {
      if (pending.entry.after !== '*' && pending.entry.after !== call) continue
      if (pending.toSkip > 0) {
        pending.toSkip -= 1
        continue
      }
      pending.left -= 1
      if (pending.left <= 0) this.#pending = this.#pending.filter((other) => other !== pending)
      return pending.entry
    }
    return undefined
  }
}
