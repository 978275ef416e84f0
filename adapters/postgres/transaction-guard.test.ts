import { expect, test } from 'vitest'
import { createTransactionGuard } from './transaction-guard.ts'

test('a call within a transaction is refused, one after it or beside it is not', async () => {
  const guard = createTransactionGuard()
  const late = Promise.withResolvers<void>()
  let detached: Promise<void> | undefined
  const within = guard.inside(async () => {
    await Promise.resolve()
    detached = late.promise.then(() => guard.assertOutside())
    expect(() => guard.assertOutside()).toThrow('pass the transaction on')
  })
  guard.assertOutside()
  await within
  guard.assertOutside()
  late.resolve()
  await expect(detached).resolves.toBeUndefined()
})
