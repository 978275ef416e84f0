import { afterAll, afterEach, beforeEach, describe } from 'vitest'
import type { Store } from '../store.ts'
import { deliveriesContract } from './deliveries.contract.ts'
import { jobsContract } from './jobs.contract.ts'
import { memoryContract } from './memory.contract.ts'
import { moneyContract } from './money.contract.ts'
import { podsContract } from './pods.contract.ts'
import { transactionContract } from './transaction.contract.ts'

export interface StoreUnderTest {
  /** An empty store whose clock is the real one. */
  open(): Promise<Store>
  close(): Promise<void>
}

/** What every store keeps to, whatever it is made of. */
export function storeContract(name: string, under: StoreUnderTest): void {
  describe(`${name} as a store`, () => {
    let store: Store
    beforeEach(async () => {
      store = await under.open()
    })
    afterEach(() => store.close())
    afterAll(() => under.close())

    const get = () => store
    describe('deliveries', () => deliveriesContract(get))
    describe('jobs', () => jobsContract(get))
    describe('leases, pods and slots', () => podsContract(get))
    describe('money', () => moneyContract(get))
    describe('reviews, verdicts, facts and keys', () => memoryContract(get))
    describe('transactions and signals', () => transactionContract(get))
  })
}
