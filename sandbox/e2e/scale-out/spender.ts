import { z } from 'zod'
import { createKeyBudget } from '../../../app/controller/key-budget.ts'
import { RequestRefused } from '../../../app/controller/problem.ts'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { createSystemLog } from '../../../adapters/system/system-log.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { sampleJob, samplePod } from '../../../ports/contracts/samples.ts'
import { microUsd } from '../../../ports/money.ts'
import { isCodedError } from '../../../ports/errors.ts'
import type { ApiKeyRow } from '../../../ports/store.ts'
import { spenderOrder } from './spender-order.ts'

const MINUTE_MS = 60_000
/** Shorter sleeps are those of two that wrote at once. */
const LOOK_MS = 100
const REFUSALS = new Set(['budget-reached', 'limit-reached', 'budget-in-use'])

// A process of its own that spends as fast as it can on the budget that others spend too: pods under one fence, jobs of one user, calls
// with one key.
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

/** Whoever finds the rest set aside by others would wait for them; here that wait is over at once. */
let skippedMs = 0
const impatient = {
  now: () => systemClock.now() + skippedMs,
  async sleep(ms: number, signal?: AbortSignal) {
    if (ms < LOOK_MS) return systemClock.sleep(ms, signal)
    skippedMs += MINUTE_MS
  },
}
const keyBudget = createKeyBudget({
  facts: store.facts,
  jobs: { countByUser: async () => ({ created: 0, open: 0, costMicroUsd: microUsd(0) }) },
  clock: impatient,
  random: createSystemRandom(),
  startOfMonth: () => 0,
})
const key: ApiKeyRow = {
  id: 'key_shared',
  name: 'shared',
  scopes: ['infer'],
  hash: '',
  models: null,
  monthlyMicroUsd: microUsd(order.capMicroUsd),
  createdAt: 0,
  lastUsedAt: null,
  revokedAt: null,
}

async function call(): Promise<void> {
  const { microUsd: allowed } = await keyBudget.setAside(key, microUsd(order.eachMicroUsd))
  if (allowed < order.eachMicroUsd) throw new RequestRefused(402, 'budget-reached', 'Only a part is left.', 'Wait.')
}

/** How many were let through; only a refusal for the budget's sake is an answer. */
async function letThrough(attempt: (n: number) => Promise<void>): Promise<number> {
  const fates = await Promise.all(
    numbers.map((n) =>
      attempt(n).then(
        () => 1,
        (error: unknown) => {
          const code = isCodedError(error) || error instanceof RequestRefused ? error.code : ''
          if (REFUSALS.has(code)) return 0
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
  const calls = await letThrough(call)
  await opened.close()
  process.send?.({ pods, jobs, calls }, () => process.disconnect())
})
process.send?.('ready')
