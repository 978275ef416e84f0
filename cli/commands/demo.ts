import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { defaultConfig } from '../../config/resolved-config.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { startServer } from '../../app/main.ts'
import { type DemoWorld, type OwnChange, startDemoWorld } from '../demo/demo-world.ts'
import { watchDemo } from '../demo/watch-demo.ts'
import { demoAnswer } from '../demo/demo-answer.ts'
import { createTimeline } from '../demo/timeline.ts'
import { assertClone } from '../clone.ts'
import { CliError, usageError } from '../error.ts'
import { SANDBOX_TIMINGS } from '../../parts/emulated-account.ts'
import { untilAborted } from '../until-aborted.ts'
import { VERSION } from '../version.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface DemoOptions {
  readonly once?: boolean
  readonly repo?: string
  readonly base?: string
  readonly head?: string
  readonly json?: boolean
}

/** The printed link is opened when its reader gets to it. */
const LINK_MS = 12 * 3_600_000

/** `npm run demo`: the whole product against a GitHub and a RunPod on this machine. Leaves no process and no pod. */
export async function demo(options: DemoOptions, world: CliWorld): Promise<CommandResult> {
  const own = ownChange(options, world.cwd)
  assertClone()
  await assertGit()
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

function ownChange(options: DemoOptions, cwd: string): OwnChange | undefined {
  if (options.repo === undefined) {
    if (options.base === undefined && options.head === undefined) return undefined
    throw usageError('--base and --head name a change of your own repository.', 'Add --repo DIR.')
  }
  if (options.base === undefined || options.head === undefined) {
    throw usageError('--repo needs the two branches of the change.', 'Add --base BRANCH and --head BRANCH.')
  }
  return { repo: resolve(cwd, options.repo), base: options.base, head: options.head }
}

async function assertGit(): Promise<void> {
  await promisify(execFile)('git', ['--version']).catch((cause: unknown) => {
    throw new CliError({
      code: 'missing-tool',
      owner: 'operator',
      message: 'git was not found on the PATH.',
      remedy: 'Install git (https://git-scm.com) and run it again.',
      cause,
    })
  })
}
