import { expect, vi } from 'vitest'
import { type RunningServer, startServer } from '../../../app/main.ts'
import { defaultConfig, type ResolvedConfig } from '../../../config/resolved-config.ts'
import type { FleetTimings } from '../../../fleet/timings.ts'
import { readEnvironment } from '../../../parts/read-environment.ts'
import type { JobRow } from '../../../ports/store.ts'
import type { Repository } from '../../github/state/repository.ts'
import type { RunpodOptions } from '../../runpod/settings.ts'
import { type SandboxWorld, startSandboxWorld } from './sandbox-world.ts'
import { until } from './until.ts'

// A whole product takes its time on two cores that others use too.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

/** An account where nothing has to settle: pods are up and proven gone within a second. */
const FAST: Partial<FleetTimings> = {
  tickMs: 50,
  idleTickMs: 500,
  listMs: 50,
  steadyListMs: 1_000,
  sweepListMs: 1_000,
  warmPollMs: 30,
  steadyPollMs: 1_000,
  accrueMs: 1_000,
  settleMs: 5_000,
  youngMs: 2_000,
  absenceMs: 100,
  sightingMs: 1_000,
  firstDeleteRetryMs: 100,
}
const BOOT = { provisioningMs: 20, startingMs: 20 }
const WEBHOOK_PATH = '/api/github/webhooks'

export interface Product extends SandboxWorld {
  readonly server: RunningServer
  readonly webhookUrl: string
  /** What the server logged from `warn` up. */
  readonly problems: readonly string[]
  /** The newest job of a pull request, once it has ended. */
  ended(repository: string, number: number, kind: JobRow['kind'], nth?: number): Promise<JobRow>
  /** Nothing is under way: no webhook, no delivery, no message, no pod. */
  settled(): Promise<void>
  /** Everything is at rest, no vendor's document was violated, and no pod runs. */
  expectProper(): Promise<void>
}

/** The whole product in this process: GitHub and RunPod emulated, the real server with its embedded database. */
export async function startProduct(options: RunpodOptions = {}): Promise<Product> {
  const world = await startSandboxWorld({ boot: BOOT, ...options })
  const { github, runpod, folder } = world
  const problems: string[] = []
  const environment = readEnvironment({ ...world.variables, LOG_LEVEL: 'warn' }, folder)
  const server = await startServer({
    environment,
    config: givingBackAtOnce(),
    controllerOnly: false,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
    writeLog: (line) => problems.push(line),
    fleet: { timings: FAST },
  })
  const webhookUrl = `${server.url}${WEBHOOK_PATH}`
  github.setWebhookUrl(world.registration, webhookUrl)
  const { store, queue } = server.parts

  async function isQuiet(): Promise<boolean> {
    await github.webhooksSettled()
    const { undone } = await store.deliveries.countByFate()
    const depths = Object.entries(await queue.depth()).filter(([name]) => name !== 'upkeep')
    return undone === 0 && depths.every(([, { waiting, active }]) => waiting + active === 0)
  }

  async function settled(): Promise<void> {
    for (let quiet = 0; quiet < 2; ) {
      await until('an idle queue', isQuiet)
      quiet = (await isQuiet()) ? quiet + 1 : 0
    }
    await until('the last pod to be gone', () => runpod.livePods().length === 0)
  }

  return {
    ...world,
    server,
    webhookUrl,
    problems,
    settled,
    ended: (repository, number, kind, nth = 1) =>
      until(`the end of ${kind} job ${nth} on ${repository}#${number}`, async () => {
        const jobs = (await store.jobs.list({ kind, repository, pullRequest: number }, 50)).toReversed()
        const job = jobs[nth - 1]
        return job !== undefined && job.endedAt !== null ? job : undefined
      }),
    async expectProper() {
      await settled()
      github.assertClean()
      expect(runpod.violations()).toEqual([])
      expect(runpod.livePods()).toEqual([])
    },
    async stop() {
      await server.stop()
      await world.stop()
    },
  }
}

/** One check run by name on a commit, as everybody sees it: the newest. */
export function checkOn(repository: Repository, headSha: string, name: string) {
  return [...repository.runs.values()].findLast((run) => run.headSha === headSha && run.name === name)
}

function givingBackAtOnce(): ResolvedConfig {
  const config = defaultConfig()
  return { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'immediate' } } }
}
