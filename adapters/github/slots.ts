/** Runs at most `most` pieces of work per key at once; the others wait in order. */
export function createSlots(most: number): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const lanes = new Map<string, { running: number; readonly waiting: (() => void)[] }>()
  return async (key, work) => {
    const lane = lanes.get(key) ?? { running: 0, waiting: [] }
    lanes.set(key, lane)
    if (lane.running < most) lane.running += 1
    else await new Promise<void>((resolve) => lane.waiting.push(resolve))
    try {
      return await work()
    } finally {
      // The place of the one that ends goes to the next in line.
      const next = lane.waiting.shift()
      if (next === undefined) lane.running -= 1
      else next()
    }
  }
}
