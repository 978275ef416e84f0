import fc from 'fast-check'
import { isCodedError } from '../../../ports/errors.ts'

/** One door for strangers' bytes, with inputs made for it. */
export interface Parser {
  readonly name: string
  /** Feeds `runs` inputs; answers the first that made it throw something without a code, or that polluted a prototype. */
  fuzz(runs: number, seed: number): Promise<string | null>
  /** Reads plain text of any length; null where the input is no text. Coded errors are answers. */
  readonly readText: ((text: string) => Promise<void>) | null
}

export function parserOf<T>(
  name: string,
  input: fc.Arbitrary<T>,
  read: (input: T) => unknown,
  readText: ((text: string) => unknown) | null,
): Parser {
  return {
    name,
    async fuzz(runs, seed) {
      const property = fc.asyncProperty(input, async (value) => {
        await typed(() => read(value))
        if (Reflect.has({}, 'polluted') || Object.keys(Object.prototype).length > 0)
          throw new Error('a prototype changed')
      })
      const result = await fc.check(property, { numRuns: runs, seed, endOnFailure: runs > 10_000 })
      if (!result.failed) return null
      return `${JSON.stringify(result.counterexample)} (seed ${result.seed}, path ${result.counterexamplePath}): ${String(result.errorInstance)}`
    },
    readText: readText === null ? null : (text) => typed(() => readText(text)),
  }
}

async function typed(body: () => unknown): Promise<void> {
  try {
    await body()
  } catch (error) {
    if (!isCodedError(error)) throw error
  }
}
