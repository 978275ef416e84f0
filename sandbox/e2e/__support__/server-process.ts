import { startServer } from '../../../app/main.ts'
import { defaultConfig } from '../../../config/resolved-config.ts'
import { readEnvironment } from '../../../parts/read-environment.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'

// The real server as a process of its own, on the variables it is given, with the waits of a fast account; prints where it listens.
const environment = readEnvironment(process.env, process.env.DEVLOOP_DATA ?? process.cwd())
const config = defaultConfig()
const server = await startServer({
  environment,
  config: { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'immediate' } } },
  controllerOnly: false,
  version: '0.0.0',
  logFormat: 'json',
  colour: false,
  fleet: { timings: { ...FAST_TIMINGS, absenceMs: 300, sightingMs: 600, youngMs: 1_000 } },
})
process.stdout.write(`${server.url}\n`)
process.once('SIGTERM', async () => {
  await server.stop()
  process.exit(0)
})
