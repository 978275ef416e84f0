import { startServer } from '../../../app/main.ts'
import { defaultConfig } from '../../../config/resolved-config.ts'
import { readEnvironment } from '../../../parts/read-environment.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'

/** A server of its own process, to be killed: it rents a pod for a model, says so on standard output, and keeps it. */
const config = defaultConfig()
const environment = readEnvironment(process.env, process.cwd())
const server = await startServer({
  environment,
  config: { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'fixed', maxMinutes: 60 } } },
  controllerOnly: true,
  version: '0.0.0',
  logFormat: 'json',
  colour: false,
  fleet: {
    timings: {
      ...FAST_TIMINGS,
      provisionMs: 20_000,
      guardMs: 20_000,
      modelMs: 20_000,
      heartbeatMs: 200,
      steadyPollMs: 200,
    },
    podEnv: { GUARD_HEARTBEAT_MS: '2000', GUARD_CHECK_EVERY_MS: '50', GUARD_REMOVE_EVERY_MS: '100' },
  },
})
const now = Date.now()
const demand = {
  jobId: 'kept',
  repository: null,
  user: null,
  model: 'mistral:7b-instruct-q5_K_M',
  load: { contextTokens: 4_096 },
  slotsWanted: 1,
  deadlineAt: now + 60_000,
  maxCostMicroUsd: config.budget.perJobMicroUsd,
}
await server.parts.engines.acquire(demand, new AbortController().signal)
process.stdout.write('ready\n')
