import { AsyncLocalStorage } from 'node:async_hooks'

interface OpenTransaction {
  open: boolean
}

/**
 * PGlite has one connection: a call outside the transaction would wait for the transaction, which waits for the call, for ever. The
 * guard turns that into an error at once, on both databases.
 */
export function createTransactionGuard() {
  const current = new AsyncLocalStorage<OpenTransaction>()
  return {
    assertOutside(): void {
      if (current.getStore()?.open) {
        throw new Error(
          'a store call without the transaction was made inside of a transaction; pass the transaction on',
        )
      }
    },
    async inside<T>(body: () => Promise<T>): Promise<T> {
      const mark: OpenTransaction = { open: true }
      try {
        return await current.run(mark, body)
      } finally {
        mark.open = false
      }
    },
  }
}
