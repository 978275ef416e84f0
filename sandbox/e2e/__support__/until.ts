const LIMIT_MS = 40_000
const POLL_MS = 15

/** Waits for a value that is there (neither undefined, null nor false); fails with the name of what did not come. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
  limitMs: number = LIMIT_MS,
): Promise<Exclude<T, undefined | null | false>> {
  const endsAt = Date.now() + limitMs
  for (;;) {
    const value = await look()
    if (value !== undefined && value !== null && value !== false) {
      return value as Exclude<T, undefined | null | false>
    }
    if (Date.now() > endsAt) throw new Error(`Waited ${limitMs} ms in vain for ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
