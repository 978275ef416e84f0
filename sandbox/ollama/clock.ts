/** Time as the sandbox sees it: milliseconds since the epoch, and callbacks that hang on it. */
export interface Clock {
  now(): number
  /** Runs `run` after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void
}

interface Alarm {
  readonly dueAt: number
  readonly run: () => void
}

/**
 * Real time that can leap: `advance(ms)` moves it forward and fires what became due, in order.
 * A frozen clock moves by `advance` alone.
 */
export class SandboxClock implements Clock {
  readonly #frozenAt: number | undefined
  #leapMs = 0
  #alarms: Alarm[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(options: { readonly frozenAt?: number } = {}) {
    this.#frozenAt = options.frozenAt
  }

  now(): number {
    return (this.#frozenAt ?? Date.now()) + this.#leapMs
  }

  after(ms: number, run: () => void): () => void {
    const alarm = { dueAt: this.now() + Math.max(0, ms), run }
    this.#alarms.push(alarm)
    this.#arm()
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm)
      this.#arm()
    }
  }

  advance(ms: number): void {
    const target = this.now() + ms
    for (let next = this.#earliest(); next !== undefined && next.dueAt <= target; next = this.#earliest()) {
      this.#leapMs += Math.max(0, next.dueAt - this.now())
      this.#take(next)
    }
    this.#leapMs += Math.max(0, target - this.now())
    this.#arm()
  }

  /** Calls off everything that waits. */
  stop(): void {
    this.#alarms = []
    clearTimeout(this.#timer)
  }

  #earliest(): Alarm | undefined {
    return this.#alarms.reduce<Alarm | undefined>(
      (first, alarm) => (first === undefined || alarm.dueAt < first.dueAt ? alarm : first),
      undefined,
    )
  }

  #take(alarm: Alarm): void {
    this.#alarms = this.#alarms.filter((other) => other !== alarm)
    alarm.run()
  }

  #arm(): void {
    clearTimeout(this.#timer)
    if (this.#frozenAt !== undefined) return
    const next = this.#earliest()
    if (next === undefined) return
    // Node caps timers at 2^31-1 ms; the re-check below makes an early wake-up harmless.
    const waitMs = Math.min(Math.max(0, next.dueAt - this.now()), 2_000_000_000)
    this.#timer = setTimeout(() => {
      for (let due = this.#earliest(); due !== undefined && due.dueAt <= this.now(); due = this.#earliest()) {
        this.#take(due)
      }
      this.#arm()
    }, waitMs)
  }
}

/** Waits on the given clock; rejects with the signal's reason when it is aborted first. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.reject(signal.reason)
  if (ms <= 0) return Promise.resolve()
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
