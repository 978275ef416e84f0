import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { createSystemLog } from '../../../adapters/system/system-log.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { RECONCILE_LEASE } from '../../../ports/store.ts'
import type { BreakName } from './broken.ts'
import { createDatabase, REPLICAS } from './cluster.ts'
import type { Effort, Finding } from './line.ts'
import type { SpenderOrder } from './spender-order.ts'

const SPENDER = fileURLToPath(new URL('./spender.ts', import.meta.url))
const BREAK = fileURLToPath(new URL('./break.ts', import.meta.url))
const ATTEMPTS = 40
const CAP_MICRO_USD = 10_000_000
const EACH_MICRO_USD = 690_000
const JOBS_PER_DAY = 20
const LEASE_MS = 600_000

const spent = z.object({ pods: z.number(), jobs: z.number(), calls: z.number() })

/** Several processes spend on one budget in the same moment. All have the fence, as if each led: what is left is the budget alone. */
export async function lookAtBudget(effort: Effort, broken: readonly BreakName[]): Promise<Finding> {
  const databaseUrl = await createDatabase(effort.postgres)
  const opened = await openStore({
    databaseUrl,
    dataDir: '',
    clock: systemClock,
    random: createSystemRandom(),
    log: createSystemLog({ level: 'silent' }),
  })
  const spenders: ChildProcess[] = []
  try {
    const lease = await opened.store.leases.acquire(RECONCILE_LEASE, 'all', LEASE_MS, Date.now())
    for (let index = 0; index < REPLICAS; index++) {
      const order: SpenderOrder = {
        databaseUrl,
        index,
        attempts: ATTEMPTS,
        fence: lease?.fence ?? 0,
        capMicroUsd: CAP_MICRO_USD,
        eachMicroUsd: EACH_MICRO_USD,
        jobsPerDay: JOBS_PER_DAY,
      }
      spenders.push(
        fork(SPENDER, [JSON.stringify(order)], {
          execArgv: broken.length > 0 ? ['--import', BREAK] : [],
          env: { ...process.env, SCALE_OUT_BREAKS: broken.join(',') },
        }),
      )
    }
    await Promise.all(spenders.map(reply))
    const ends = spenders.map(reply)
    for (const spender of spenders) spender.send('go')
    const totals = (await Promise.all(ends)).map((message) => spent.parse(message))
    const pods = totals.reduce((sum, each) => sum + each.pods, 0)
    const jobs = totals.reduce((sum, each) => sum + each.jobs, 0)
    const calls = totals.reduce((sum, each) => sum + each.calls, 0)
    const committed = await opened.store.ledger.committed(0)
    const affordable = Math.floor(CAP_MICRO_USD / EACH_MICRO_USD)
    return {
      figures: {
        processes: REPLICAS,
        attempts: REPLICAS * ATTEMPTS,
        'pods let through': `${pods} of ${affordable} affordable`,
        'committed USD': `${(committed / 1e6).toFixed(2)} of ${(CAP_MICRO_USD / 1e6).toFixed(2)}`,
        'jobs let through': `${jobs} of ${JOBS_PER_DAY} allowed`,
        'calls let through': `${calls} of ${affordable} affordable`,
      },
      faults: [
        ...(committed > CAP_MICRO_USD
          ? [`$${committed / 1e6} are committed where $${CAP_MICRO_USD / 1e6} may be`]
          : []),
        ...(jobs > JOBS_PER_DAY ? [`${jobs} jobs of a user where ${JOBS_PER_DAY} may be`] : []),
        ...(calls > affordable ? [`${calls} calls of a key at once where ${affordable} are affordable`] : []),
        ...(pods < affordable || jobs < JOBS_PER_DAY || calls < affordable ? ['less was let through than may be'] : []),
      ],
    }
  } finally {
    for (const spender of spenders) spender.kill('SIGKILL')
    await opened.close()
  }
}

/** The next message of a process; its end instead is a fault. */
async function reply(child: ChildProcess): Promise<unknown> {
  const over = new AbortController()
  const ended = once(child, 'exit', { signal: over.signal }).then(([code]) => {
    throw new Error(`a spending process ended with ${code}`)
  })
  ended.catch(() => {})
  try {
    return await Promise.race([once(child, 'message', { signal: over.signal }).then(([message]) => message), ended])
  } finally {
    over.abort()
  }
}
