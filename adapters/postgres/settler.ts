interface Attempt {
  readonly id: string
  readonly retryCount: number
}

/** Gathers what ends while one settlement is under way into the next, so that many short messages cost few statements. */
export function createSettler(settle: (attempts: Attempt[]) => Promise<unknown>) {
  let gathered: Attempt[] = []
  let next: Promise<void> | undefined
  let last: Promise<unknown> = Promise.resolve()

  async function settleGathered(): Promise<void> {
    await last.catch(() => {})
    const attempts = gathered
    gathered = []
    next = undefined
    last = settle(attempts)
    await last
  }

  return {
    /** Resolves when the attempt is settled. */
    complete(attempt: Attempt): Promise<void> {
      gathered.push(attempt)
      next ??= settleGathered()
      return next
    },
  }
}
