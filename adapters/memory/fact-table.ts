import { isDeepStrictEqual } from 'node:util'
import type { FactStore, Json } from '../../ports/store.ts'

export function createFactTable(): FactStore {
  const facts = new Map<string, Json>()
  return {
    get: async (key) => facts.get(key),
    async set(key, value) {
      facts.set(key, structuredClone(value))
    },
    async swap(key, expected, value) {
      if (!isDeepStrictEqual(facts.get(key), expected)) return false
      facts.set(key, structuredClone(value))
      return true
    },
    async delete(key) {
      facts.delete(key)
    },
    listByPrefix: async (prefix) =>
      new Map([...facts].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1))),
  }
}
