import { startServer } from '../../app/main.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { readServerConfig } from '../../parts/server-config.ts'
import { VERSION } from '../version.ts'
import type { CliWorld, CommandResult } from '../world.ts'

/** `devloop serve`: runs until it is told to stop. */
export async function serve(
  options: { readonly controllerOnly?: boolean; readonly json?: boolean },
  world: CliWorld,
): Promise<CommandResult> {
  const environment = readEnvironment(world.env, world.cwd)
  const server = await startServer({
    environment,
    config: await readServerConfig(environment, world.cwd),
    controllerOnly: options.controllerOnly === true,
    version: VERSION,
    logFormat: options.json || !world.isTty ? 'json' : 'text',
    colour: world.isTty && !world.env.NO_COLOR,
  })
  if (!options.json) world.stderr(`DevLoop listens at ${server.url}\n`)
  await aborted(world.signal)
  await server.stop()
  return { exitCode: 0 }
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
