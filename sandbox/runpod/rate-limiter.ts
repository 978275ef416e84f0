import type { Clock } from '../ollama/clock.ts'

interface Window {
  readonly name: string
  readonly quota: number
  readonly lengthMs: number
  startedAt: number
  used: number
}

/** Counts calls in fixed windows and tells what is left in the vendor's headers. */
export class RateLimiter {
  readonly #clock: Clock
  readonly #windows: readonly Window[]

  constructor(limits: { readonly perMinute: number; readonly perHour: number }, clock: Clock) {
    this.#clock = clock
    const window = (name: string, quota: number, lengthMs: number): Window => ({
      name,
      quota,
      lengthMs,
      startedAt: clock.now(),
      used: 0,
    })
    this.#windows = [window('minute', limits.perMinute, 60_000), window('hour', limits.perHour, 3_600_000)]
  }

  /** Counts one call; false when a window is used up. */
  admit(): boolean {
    for (const window of this.#windows) {
      const isOver = this.#clock.now() - window.startedAt >= window.lengthMs
      if (isOver) Object.assign(window, { startedAt: this.#clock.now(), used: 0 })
    }
    if (this.#windows.some((window) => window.used >= window.quota)) return false
    for (const window of this.#windows) window.used += 1
    return true
  }

  retryAfterSeconds(): number {
    const full = this.#windows.filter((window) => window.used >= window.quota)
    return Math.max(1, ...full.map((window) => this.#secondsLeft(window)))
  }

  headers(): Readonly<Record<string, string>> {
    const left = this.#windows.map(
      (window) => `"${window.name}";r=${window.quota - window.used};t=${this.#secondsLeft(window)}`,
    )
    const policy = this.#windows.map((window) => `"${window.name}";q=${window.quota};w=${window.lengthMs / 1_000}`)
    return { ratelimit: left.join(', '), 'ratelimit-policy': policy.join(', ') }
  }

  #secondsLeft(window: Window): number {
    return Math.max(0, Math.ceil((window.startedAt + window.lengthMs - this.#clock.now()) / 1_000))
  }
}
