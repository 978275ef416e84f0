import { ModelError } from '../ports/errors.ts'

/**
 * Works through a list with so many workers. Work that the engine or the signal ends is left out of the answer; every other error
 * ends it all.
 */
export async function shareOut<Item, Result>(
  items: readonly Item[],
  workers: number,
  signal: AbortSignal,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results = new Map<Item, Result>()
  const queue = [...items]
  const failures: unknown[] = []
  const run = async (): Promise<void> => {
    while (!signal.aborted && failures.length === 0) {
      const item = queue.shift()
      if (item === undefined) return
      try {
        results.set(item, await work(item))
      } catch (error) {
        if (!signal.aborted && !(error instanceof ModelError)) failures.push(error)
        if (error instanceof ModelError) queue.length = 0
      }
    }
  }
  await Promise.all(Array.from({ length: Math.max(1, Math.min(workers, items.length)) }, run))
  if (failures.length > 0) throw failures[0]
  return items.flatMap((item) => results.get(item) ?? [])
}
