import { type RunningServer, startServer } from '../../app/main.ts'
import { WEBHOOK_PATH } from '../../app/server.ts'
import type { Environment } from '../../config/environment.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { readServerConfig } from '../../parts/server-config.ts'
import { untilAborted } from '../until-aborted.ts'
import { VERSION } from '../version.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface ServeOptions {
  readonly controllerOnly?: boolean
  readonly setup?: boolean
  readonly smee?: string
  readonly json?: boolean
}

const LINK_MS = 600_000

/** `devloop serve`: runs until it is told to stop. A person who has no App yet gets the set-up page; a machine gets a refusal. */
export async function serve(options: ServeOptions, world: CliWorld): Promise<CommandResult> {
  const environment = readEnvironment(world.env, world.cwd)
  const { APP_ID, PRIVATE_KEY, WEBHOOK_SECRET } = environment
  const hasNoApp = APP_ID === undefined && PRIVATE_KEY === undefined && WEBHOOK_SECRET === undefined
  if (options.setup || (hasNoApp && world.isTty && !options.controllerOnly && !options.json))
    return setUp(environment, world)
  const server = await startServer({
    environment,
    config: await readServerConfig(environment, world.cwd),
    controllerOnly: options.controllerOnly === true,
    version: VERSION,
    logFormat: options.json || !world.isTty ? 'json' : 'text',
    colour: world.isTty && !world.env.NO_COLOR,
  })
  if (!options.json) world.stderr(`DevLoop listens at ${server.url}\n`)
  // Nobody can log in with GitHub yet; whoever sits at this terminal may look all the same. A log file gets no link.
  if (!options.json && world.isTty && environment.CLIENT_ID === undefined)
    world.stderr(`Dashboard, for the next ten minutes and one browser: ${server.dashboardLink(LINK_MS)}\n`)
  try {
    const stopSmee = options.smee === undefined ? undefined : await forward(options.smee, server)
    await untilAborted(world.signal)
    await stopSmee?.()
  } finally {
    await server.stop()
  }
  return { exitCode: 0 }
}

async function forward(source: string, { url, parts }: RunningServer): Promise<() => Promise<void>> {
  const { forwardFromSmee } = await import('../../parts/smee.ts')
  return forwardFromSmee(source, `${url}${WEBHOOK_PATH}`, parts.log)
}

async function setUp(environment: Environment, world: CliWorld): Promise<CommandResult> {
  const { startSetup } = await import('../../app/setup/start-setup.ts')
  const setup = await startSetup(environment, world.cwd)
  world.stderr(`There is no GitHub App yet. Create one here; the address works once:\n\n  ${setup.link}\n\n`)
  await untilAborted(world.signal)
  await setup.stop()
  return { exitCode: 0 }
}
