import { z } from 'zod'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { createSystemLog } from '../../../adapters/system/system-log.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { sampleJob, samplePod } from '../../../ports/contracts/samples.ts'
import { microUsd } from '../../../ports/money.ts'
import { isCodedError } from '../../../ports/errors.ts'
import { spenderOrder } from './spender-order.ts'

// A process of its own that spends as fast as it can on the budget that others spend too: pods under one fence, and jobs of one user.
const order = spenderOrder.parse(JSON.parse(process.argv[2] ?? '{}'))
const opened = await openStore({
  databaseUrl: order.databaseUrl,
  dataDir: '',
  clock: systemClock,
  random: createSystemRandom(),
  log: createSystemLog({ level: 'silent' }),
})
const { store } = opened
const numbers = Array.from({ length: order.attempts }, (_, index) => order.index * order.attempts + index)
const none = { perUserConcurrent: null, perRepository: null, global: null }

async function rent(n: number): Promise<void> {
  const cap = { scope: 'day', capMicroUsd: microUsd(order.capMicroUsd), since: 0 } as const
  await store.pods.insertIntent(
    samplePod(n, { slot: n, reservedMicroUsd: microUsd(order.eachMicroUsd) }),
    order.fence,
    [cap],
  )
}

async function askFor(n: number): Promise<void> {
  await store.jobs.create(sampleJob(n), undefined, { ...none, perUserPerDay: order.jobsPerDay, since: 0 })
}

/** How many were let through; only a refusal for the budget's sake is an answer. */
async function letThrough(attempt: (n: number) => Promise<void>): Promise<number> {
  const fates = await Promise.all(
    numbers.map((n) =>
      attempt(n).then(
        () => 1,
        (error: unknown) => {
          if (isCodedError(error) && (error.code === 'budget-reached' || error.code === 'limit-reached')) return 0
          throw error
        },
      ),
    ),
  )
  return fates.reduce<number>((sum, fate) => sum + fate, 0)
}

process.once('message', async (message) => {
  z.literal('go').parse(message)
  const pods = await letThrough(rent)
  const jobs = await letThrough(askFor)
  await opened.close()
  process.send?.({ pods, jobs }, () => process.disconnect())
})
process.send?.('ready')
