import type { Clock } from '../../../ports/clock.ts'

interface Sleeper {
  readonly wakeAt: number
  readonly order: number
  /** Null once it was woken or called off: what it held is free for collection. */
  wake: (() => void) | null
}

/** A week in minutes: virtual time for thousands of sleepers, which goes on when nothing else can. */
export class SoakClock implements Clock {
  #now: number
  #order = 0
  #wakes = 0
  readonly #heap: Sleeper[] = []

  constructor(startAt: number) {
    this.#now = startAt
  }

  now(): number {
    return this.#now
  }

  get wakes(): number {
    return this.#wakes
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const sleeper: Sleeper = { wakeAt: this.#now + Math.max(0, ms), order: this.#order++, wake: null }
      const onAbort = () => {
        sleeper.wake = null
        reject(signal?.reason)
      }
      sleeper.wake = () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#push(sleeper)
    })
  }

  /** Wakes sleepers in order until `at`; each gets to run, and to sleep again, before the next wakes. */
  async runUntil(at: number): Promise<void> {
    await settle()
    for (let next = this.#heap[0]; next !== undefined && next.wakeAt <= at; next = this.#heap[0]) {
      this.#pop()
      if (next.wake === null) continue
      this.#now = Math.max(this.#now, next.wakeAt)
      this.#wakes += 1
      next.wake()
      next.wake = null
      await settle()
    }
    this.#now = Math.max(this.#now, at)
  }

  #push(sleeper: Sleeper): void {
    const heap = this.#heap
    let at = heap.push(sleeper) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (isBefore(heap[parent], sleeper)) break
      this.#swap(at, parent)
      at = parent
    }
  }

  #pop(): void {
    const heap = this.#heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return
    heap[0] = last
    for (let at = 0; ; ) {
      const left = 2 * at + 1
      const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left
      if (!isBefore(heap[child], last)) return
      this.#swap(at, child)
      at = child
    }
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]]
    if (first === undefined || second === undefined) return
    this.#heap[a] = second
    this.#heap[b] = first
  }
}

function isBefore(a: Sleeper | undefined, b: Sleeper | undefined): boolean {
  if (a === undefined) return false
  if (b === undefined) return true
  return a.wakeAt < b.wakeAt || (a.wakeAt === b.wakeAt && a.order < b.order)
}

/** Lets every promise that can go on go on: two turns, since a macrotask of the first may start new ones. */
async function settle(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await new Promise((resolve) => setImmediate(resolve))
}
