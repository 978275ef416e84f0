import { expect, test } from 'vitest'
import { runProcesses } from './process-run.ts'

/** The long run with all its figures is `npm run chaos`; this one shows at every change that processes may die. */
test.concurrent.each(['pglite', 'postgres'] as const)(
  'real processes that are killed and stopped leave no pod and lose no job on %s',
  async (store) => {
    const result = await runProcesses({ seed: 1, seconds: 5, store, loud: false, break: 'none', clockJumps: false })
    // Absent where the machine has no PostgreSQL.
    if (result === undefined) return
    expect(result).toMatchObject({ liveAtEnd: 0, lost: 0, twice: 0 })
    expect(result.maxLive).toBeLessThanOrEqual(1)
    expect(result.kills).toBeGreaterThan(0)
    expect(result.jobs).toBeGreaterThan(0)
  },
  120_000,
)
