import type { StoreTransaction } from '../../ports/store.ts'

interface Steps {
  readonly undo: (() => void)[]
  readonly afterCommit: (() => void)[]
}

const open = new WeakMap<object, Steps>()

/** Runs `body`; a rejection takes back, in reverse order, what it wrote under its transaction. */
export async function runInTransaction<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
  const transaction = {} as StoreTransaction
  const steps: Steps = { undo: [], afterCommit: [] }
  open.set(transaction, steps)
  try {
    const answer = await body(transaction)
    for (const step of steps.afterCommit) step()
    return answer
  } catch (error) {
    for (const step of steps.undo.toReversed()) step()
    throw error
  } finally {
    open.delete(transaction)
  }
}

/** Remembers how to take a write back. */
export function onRollback(transaction: StoreTransaction | undefined, undo: () => void): void {
  if (transaction !== undefined) stepsOf(transaction).undo.push(undo)
}

/** Does something now, or when the transaction commits. */
export function onCommit(transaction: StoreTransaction | undefined, effect: () => void): void {
  if (transaction === undefined) effect()
  else stepsOf(transaction).afterCommit.push(effect)
}

function stepsOf(transaction: StoreTransaction): Steps {
  const steps = open.get(transaction)
  if (steps === undefined) throw new Error('the transaction has ended')
  return steps
}
