import { startServer } from '../../app/main.ts'
import { startDemoWorld } from '../../cli/demo/demo-world.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { readEnvironment } from '../../parts/read-environment.ts'

// The real server on its embedded database, with the emulated GitHub and RunPod in the same process; tells its parent where it listens.
const world = await startDemoWorld(undefined)
const server = await startServer({
  environment: readEnvironment({ ...world.variables, PORT: '0', LOG_LEVEL: 'fatal' }, world.folder),
  config: defaultConfig(),
  controllerOnly: false,
  version: '0.0.0',
  logFormat: 'json',
  colour: false,
})
process.send?.({ url: `${server.url}/api/github/webhooks`, secret: world.variables.WEBHOOK_SECRET })
process.once('SIGTERM', async () => {
  await server.stop()
  await world.stop()
  process.exit(0)
})
