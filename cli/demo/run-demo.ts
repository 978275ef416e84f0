import { startServer } from '../../app/main.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { SANDBOX_TIMINGS } from '../../parts/emulated-account.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import type { DemoOptions } from '../commands/demo.ts'
import { untilAborted } from '../until-aborted.ts'
import { VERSION } from '../version.ts'
import type { CliWorld, CommandResult } from '../world.ts'
import { demoAnswer } from './demo-answer.ts'
import { type DemoWorld, startDemoWorld } from './demo-world.ts'
import type { OwnChange } from './own-change.ts'
import { createTimeline } from './timeline.ts'
import { watchDemo } from './watch-demo.ts'

/** The printed link is opened when its reader gets to it. */
const LINK_MS = 12 * 3_600_000

/** Starts everything, shows one review as it happens, and ends what it started. */
export async function runDemo(
  own: OwnChange | undefined,
  options: DemoOptions,
  world: CliWorld,
): Promise<CommandResult> {
  const timeline = createTimeline(world, options.json === true)
  timeline.title(
    'DevLoop against a sandbox on this machine: GitHub, RunPod and Ollama are emulated, nothing is billed.',
  )
  const sandbox = await startDemoWorld(own)
  try {
    timeline.say('sandbox', 'GitHub, RunPod and a pull request are ready')
    const server = await startDemoServer(sandbox, world)
    try {
      sandbox.setWebhookUrl(`${server.url}/api/github/webhooks`)
      timeline.say('server', `DevLoop listens at ${server.url}`)
      const end = await watchDemo(sandbox, server, timeline, world.signal)
      const answer = demoAnswer(end, sandbox, timeline)
      if (options.json) world.stdout(`${JSON.stringify(answer)}\n`)
      else timeline.end(answer, server.dashboardLink(LINK_MS), options.once === true)
      if (!options.once) await untilAborted(world.signal)
      const isGood = answer.outcome !== 'failed' && answer.pods.running === 0
      return { exitCode: isGood || !options.once ? 0 : 1 }
    } finally {
      await server.stop()
    }
  } finally {
    await sandbox.stop()
  }
}

function startDemoServer(sandbox: DemoWorld, world: CliWorld) {
  const { LOG_LEVEL, PORT } = world.env
  const environment = readEnvironment(
    { ...sandbox.variables, PORT: PORT ?? '0', LOG_LEVEL: LOG_LEVEL ?? 'silent' },
    sandbox.folder,
  )
  const config = defaultConfig()
  return startServer({
    environment,
    config: { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'immediate' } } },
    controllerOnly: false,
    version: VERSION,
    logFormat: 'text',
    colour: false,
    fleet: { timings: SANDBOX_TIMINGS },
  })
}
