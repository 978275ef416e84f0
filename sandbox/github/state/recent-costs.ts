/** What was spent within the last while, whichever moment it is looked at: no border of a minute lets twice as much through. */
export class RecentCosts {
  readonly #windowMs: number
  #spent: { readonly atMs: number; readonly cost: number }[] = []
  #sum = 0

  constructor(windowMs: number) {
    this.#windowMs = windowMs
  }

  sum(nowMs: number): number {
    const isOld = ({ atMs }: { readonly atMs: number }) => atMs <= nowMs - this.#windowMs
    const kept = this.#spent.findIndex((entry) => !isOld(entry))
    const old = this.#spent.splice(0, kept < 0 ? this.#spent.length : kept)
    for (const { cost } of old) this.#sum -= cost
    return this.#sum
  }

  add(cost: number, nowMs: number): void {
    this.#spent.push({ atMs: nowMs, cost })
    this.#sum += cost
  }
}
