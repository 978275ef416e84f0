/**
 * What may be spent within any `windowMs`, wherever they begin: a window that starts anew at the full minute would let twice the amount
 * through around its border. GitHub counts a call at some moment between its leaving and its reply; here it counts all that time, and a
 * whole window longer, so that no slow call slips into the next minute of GitHub's.
 */
export class SlidingWindow {
  readonly #amount: number
  readonly #windowMs: number
  /** In the order in which they ended. */
  #ended: { readonly at: number; readonly cost: number }[] = []
  #sum = 0

  constructor(amount: number, windowMs: number) {
    this.#amount = amount
    this.#windowMs = windowMs
  }

  /** How long until `cost` may fit; 0: now. */
  waitMs(cost: number, now: number): number {
    this.#forget(now)
    let free = this.#amount - this.#sum
    if (free >= cost) return 0
    for (const { at, cost: given } of this.#ended) {
      free += given
      if (free >= cost) return at + this.#windowMs - now
    }
    // Calls that are under way hold their part for a window at least.
    return this.#windowMs
  }

  begin(cost: number): void {
    this.#sum += cost
  }

  end(cost: number, now: number): void {
    this.#ended.push({ at: now, cost })
  }

  #forget(now: number): void {
    // A clock that was set back must not make anybody wait for the old minute to come again.
    const isBack = (this.#ended.at(-1)?.at ?? now) > now
    const kept = isBack ? -1 : this.#ended.findIndex(({ at }) => at + this.#windowMs > now)
    for (const { cost } of this.#ended.splice(0, kept < 0 ? this.#ended.length : kept)) this.#sum -= cost
  }
}
