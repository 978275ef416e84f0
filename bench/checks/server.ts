import { startServer } from '../../app/main.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { readEnvironment } from '../../parts/read-environment.ts'

// The real server on the variables it is given; says where it listens.
const server = await startServer({
  environment: readEnvironment(process.env, process.env.DEVLOOP_DATA ?? process.cwd()),
  config: defaultConfig(),
  controllerOnly: false,
  version: '0.0.0',
  logFormat: 'json',
  colour: false,
})
process.stdout.write(`${server.url}\n`)
process.once('SIGTERM', async () => {
  await server.stop()
  process.exit(0)
})
