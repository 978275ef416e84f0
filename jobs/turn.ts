import type { FactStore } from '../ports/store.ts'

/** Asked right before a write: whether nobody has begun on the same since. */
export type IsMyTurn = () => Promise<boolean>

/**
 * Notes who begins on something that is worked by one at a time. A process that stood still and was taken for dead wakes in the middle of
 * work that another has begun anew: it finds the other's note, and must not write what it knew before.
 */
export async function takeTurn(facts: FactStore, key: string, token: string): Promise<IsMyTurn> {
  await facts.set(key, token)
  return async () => {
    const last = await facts.get(key)
    return last === undefined || last === token
  }
}
