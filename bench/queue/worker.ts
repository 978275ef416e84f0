import { tmpdir } from 'node:os'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createJobRunner } from '../../jobs/runner.ts'
import { silentLog } from '../../ports/log.ts'
import { microUsd } from '../../ports/money.ts'

// A replica of its own process, started by replicas.ts: opens the store, says so, and works when it is told to. Told to hang, it never
// ends a job.
const [databaseUrl = '', how = 'work'] = process.argv.slice(2)
const parts = { clock: systemClock, random: createSystemRandom(), log: silentLog }
const { store, queue, close } = await openStore({ ...parts, databaseUrl, dataDir: tmpdir() })
const runner = createJobRunner({ store, queue, ...parts })
runner.define<null>({
  kind: 'infer',
  parse: () => null,
  onFailed: async () => {},
  async run({ signal }) {
    process.send?.('running')
    if (how === 'hang') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    return { outcome: 'answered', result: null, costMicroUsd: microUsd(0) }
  },
})
process.send?.('open')
process.once('message', () => void runner.start({ infer: 16 }))
process.once('disconnect', async () => {
  await close(0)
  runner.close()
  process.exit(0)
})
