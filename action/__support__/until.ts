import { setTimeout as sleep } from 'node:timers/promises'

/** Polls until `look` answers something; fails after `withinMs`. */
export async function until<T>(
  look: () => Promise<T | undefined | false> | T | undefined | false,
  withinMs = 40_000,
): Promise<T> {
  const end = Date.now() + withinMs
  for (;;) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > end) throw new Error(`It did not come about within ${withinMs} ms: ${look}`)
    await sleep(50)
  }
}
