/** Runs what is handed over for one key one after the other, in order; a failure is its caller's alone. */
export function createTurns(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>()
  return (key, work) => {
    const mine = (last.get(key) ?? Promise.resolve()).then(work)
    last.set(
      key,
      mine.catch(() => {}),
    )
    return mine
  }
}
