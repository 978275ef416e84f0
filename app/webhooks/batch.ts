import type { Queue, QueueMessage, QueueName, SendOptions } from '../../ports/queue.ts'
import type { FactStore, Json } from '../../ports/store.ts'

/** One round of the delivery worker: facts are read once and written once, and a target is sent once, however many events name it. */
export interface Batch {
  readonly facts: FactStore
  readonly queue: Queue
  /** Writes the facts, then sends the messages: whoever is woken must see the facts. */
  flush(): Promise<void>
}

export function createBatch(facts: FactStore, queue: Queue): Batch {
  const known = new Map<string, Json | undefined>()
  const changed = new Set<string>()
  const sends = new Map<string, [QueueName, QueueMessage, SendOptions]>()
  const prefixes = new Map<string, Promise<ReadonlyMap<string, Json>>>()

  return {
    facts: {
      async get(key) {
        if (known.has(key)) return known.get(key)
        const value = await facts.get(key)
        // Somebody in this round may have set it meanwhile.
        if (!known.has(key)) known.set(key, value)
        return known.get(key)
      },
      async set(key, value) {
        known.set(key, value)
        changed.add(key)
      },
      async swap(key, expected, value) {
        known.delete(key)
        return facts.swap(key, expected, value)
      },
      async delete(key) {
        known.set(key, undefined)
        changed.add(key)
      },
      async listByPrefix(prefix) {
        const stored = prefixes.get(prefix) ?? facts.listByPrefix(prefix)
        prefixes.set(prefix, stored)
        const all = new Map(await stored)
        for (const key of changed) {
          const value = known.get(key)
          if (!key.startsWith(prefix)) continue
          if (value === undefined) all.delete(key)
          else all.set(key, value)
        }
        return all
      },
    },
    queue: {
      ...queue,
      async send(name, message, options = {}) {
        if (options.coalesce === true) sends.set(`${name} ${message.key}`, [name, message, options])
        else await queue.send(name, message, options)
      },
    },
    async flush() {
      await Promise.all(
        [...changed].map((key) => {
          const value = known.get(key)
          return value === undefined ? facts.delete(key) : facts.set(key, value)
        }),
      )
      for (const args of sends.values()) await queue.send(...args)
    },
  }
}
