const hourMs = 3_600_000

interface Span {
  readonly from: number
  readonly to: number
}

/** Counts the paid time of one pod and turns it into whole micro-dollars. */
export class Meter {
  readonly #microUsdPerHour: number
  #spans: Span[] = []
  #runningSince: number | undefined

  constructor(microUsdPerHour: number) {
    this.#microUsdPerHour = microUsdPerHour
  }

  start(now: number): void {
    this.#runningSince ??= now
  }

  stop(now: number): void {
    if (this.#runningSince !== undefined) this.#spans.push({ from: this.#runningSince, to: now })
    this.#runningSince = undefined
  }

  /** Paid milliseconds inside a window; without one, all. */
  ranMs(now: number, window: Span = { from: Number.NEGATIVE_INFINITY, to: Number.POSITIVE_INFINITY }): number {
    const open = this.#runningSince === undefined ? [] : [{ from: this.#runningSince, to: now }]
    return [...this.#spans, ...open].reduce((sum, span) => {
      return sum + Math.max(0, Math.min(span.to, window.to) - Math.max(span.from, window.from))
    }, 0)
  }

  costMicroUsd(now: number, window?: Span): number {
    return Math.floor(this.#cost(now, window))
  }

  /** In dollars, as the API tells it: a fraction with all its digits. */
  costUsd(now: number, window: Span): number {
    return this.#cost(now, window) / 1e6
  }

  #cost(now: number, window?: Span): number {
    return (this.ranMs(now, window) * this.#microUsdPerHour) / hourMs
  }
}
