import { Worker } from 'node:worker_threads'
import { StoreError } from '../../ports/errors.ts'
import { type Asked, fromPlain, type ThreadOrder, type Told, type Wish } from './pglite-messages.ts'

/** The small young generation of the server itself; V8's own choice lets garbage lie in 50 MB. */
const YOUNG_MB = 12

/** Statements on PGlite's one connection, or within a transaction on it. */
export interface PgliteConnection {
  query<Row = object>(text: string, values?: readonly unknown[]): Promise<{ rows: Row[] }>
  exec(text: string): Promise<{ rows: object[] }[]>
}

/** PGlite in a thread of its own. Statements are carried out in the order in which they are asked for. */
export interface PgliteThread extends PgliteConnection {
  /** Commits when `body` resolves; rolls back, and rejects alike, when it rejects. */
  transaction<T>(body: (connection: PgliteConnection) => Promise<T>): Promise<T>
  listen(channel: string, onPayload: (payload: string) => void): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** In a clone the thread runs from its source; in a bundle its file lies beside this one. */
const THREAD = new URL(import.meta.url.endsWith('.ts') ? './pglite-thread.ts' : './pglite-thread.js', import.meta.url)

/**
 * Opens the database files in a thread; rejects when they cannot be opened. `onLost` hears when the thread ends by itself later: every
 * call fails from then on, and nothing can be stored.
 */
export async function startPglite(order: ThreadOrder, onLost: (error: Error) => void): Promise<PgliteThread> {
  const resourceLimits = { maxYoungGenerationSizeMb: YOUNG_MB }
  const worker = new Worker(THREAD, { workerData: order, execArgv: [], resourceLimits })
  const waiting = new Map<number, PromiseWithResolvers<readonly object[]>>()
  const listeners = new Map<number, (payload: string) => void>()
  const opening = Promise.withResolvers<void>()
  let lost: Error | undefined
  let isOpen = false
  let isClosing = false
  let last = 0

  function settle(id: number): PromiseWithResolvers<readonly object[]> | undefined {
    const asked = waiting.get(id)
    waiting.delete(id)
    // An idle database keeps no process alive; one that was asked something does.
    if (waiting.size === 0 && isOpen) worker.unref()
    return asked
  }

  function lose(cause: unknown): void {
    if (lost !== undefined) return
    lost = threadLost(cause)
    opening.reject(lost)
    for (const asked of waiting.values()) asked.reject(lost)
    waiting.clear()
    if (isOpen && !isClosing) onLost(lost)
  }

  worker.on('message', (told: Told) => {
    switch (told.kind) {
      case 'opened':
        return opening.resolve()
      case 'refused':
        return opening.reject(fromPlain(told.error))
      case 'done':
        return settle(told.id)?.resolve(told.rows)
      case 'failed':
        return settle(told.id)?.reject(fromPlain(told.error))
      case 'heard':
        return listeners.get(told.listener)?.(told.payload)
    }
  })
  worker.on('messageerror', lose)
  worker.on('error', lose)
  worker.once('exit', (code) => lose(new Error(`the thread ended with ${code}`)))

  /** Answers the number of the wish at once, as transactions and listeners are known by it. */
  function ask(wish: Wish): { readonly id: number; readonly rows: Promise<readonly object[]> } {
    const id = ++last
    if (lost !== undefined) return { id, rows: Promise.reject(lost) }
    const asked = Promise.withResolvers<readonly object[]>()
    try {
      worker.postMessage({ id, wish } satisfies Asked)
    } catch (error) {
      // A value that cannot be copied.
      return { id, rows: Promise.reject(error) }
    }
    if (waiting.size === 0) worker.ref()
    waiting.set(id, asked)
    return { id, rows: asked.promise }
  }

  function connection(transaction?: number): PgliteConnection {
    const within = transaction === undefined ? {} : { transaction }
    return {
      query: async <Row>(text: string, values: readonly unknown[] = []) => ({
        rows: (await ask({ kind: 'query', text, values, ...within }).rows) as Row[],
      }),
      exec: async (text) => [{ rows: [...(await ask({ kind: 'exec', text, ...within }).rows)] }],
    }
  }

  try {
    await opening.promise
  } catch (error) {
    await worker.terminate()
    throw error
  }
  isOpen = true
  worker.unref()
  return {
    ...connection(),
    async transaction(body) {
      const { id, rows } = ask({ kind: 'begin' })
      await rows
      try {
        const answer = await body(connection(id))
        await ask({ kind: 'end', transaction: id, how: 'commit' }).rows
        return answer
      } catch (error) {
        await ask({ kind: 'end', transaction: id, how: 'rollback' }).rows.catch(() => {})
        throw error
      }
    },
    async listen(channel, onPayload) {
      const { id, rows } = ask({ kind: 'listen', channel })
      listeners.set(id, onPayload)
      await rows
      return async () => {
        listeners.delete(id)
        await ask({ kind: 'unlisten', listener: id }).rows
      }
    },
    async close() {
      isClosing = true
      await ask({ kind: 'close' }).rows.finally(() => worker.terminate())
    },
  }
}

function threadLost(cause: unknown): StoreError {
  const text = cause instanceof Error ? cause.message : String(cause)
  return new StoreError({
    code: 'unavailable',
    message: `The thread of the embedded database has ended (${text}).`,
    remedy:
      'Start DevLoop again; what was stored is there. If it lasts, look at the memory and the disk of this machine.',
    owner: 'operator',
    facts: {},
    cause,
  })
}
