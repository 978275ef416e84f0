import { type RunningServer, startServer } from '../../../app/main.ts'
import { defaultConfig } from '../../../config/resolved-config.ts'
import { readEnvironment } from '../../../parts/read-environment.ts'
import type { JobRow } from '../../../ports/store.ts'
import type { RunpodOptions } from '../../runpod/settings.ts'
import { type SandboxWorld, startSandboxWorld } from '../__support__/sandbox-world.ts'
import { until } from '../__support__/until.ts'
import { FAST_TIMINGS } from '../chaos/fast-timings.ts'
import { sessionOf } from './dashboard-session.ts'
import { type Door, startDoor } from './door.ts'

const LIMIT_MS = 180_000
const BOOT = { provisioningMs: 20, startingMs: 20 }
const TIMINGS = { ...FAST_TIMINGS, tickMs: 50, absenceMs: 200, sightingMs: 600, youngMs: 1_000, holdMs: 3_000 }

/** The real server in this process, over an emulated GitHub and RunPod. */
export interface House extends SandboxWorld {
  readonly server: RunningServer
  readonly door: Door
  /** What was logged from `warn` up, as JSON lines. */
  readonly logged: string[]
  /** A page of the dashboard as a reader sees it: text without tags. */
  page(path: string): Promise<string>
  newestJob(repository: string, number: number): Promise<JobRow | undefined>
  /** Nothing is under way: no webhook, no delivery, no message, no pod. */
  settled(): Promise<void>
  stop(): Promise<void>
}

export async function startHouse(options: RunpodOptions = {}, doorKind: 'honest' | 'lying' = 'honest'): Promise<House> {
  const world = await startSandboxWorld({ boot: BOOT, ...options })
  const logged: string[] = []
  const config = defaultConfig()
  const server = await startServer({
    environment: readEnvironment({ ...world.variables, LOG_LEVEL: 'warn' }, world.folder),
    config: {
      ...config,
      fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'immediate' } },
      budget: { ...config.budget, perUserJobsPerDay: 1_000 },
    },
    controllerOnly: false,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
    writeLog: (line) => void logged.push(line),
    fleet: { timings: TIMINGS },
  })
  const { github, runpod, registration } = world
  const door = await startDoor(`${server.url}/api/github/webhooks`, doorKind)
  github.setWebhookUrl(registration, door.url)
  const cookie = await sessionOf(server)
  const { store, queue } = server.parts

  async function isQuiet(): Promise<boolean> {
    await github.webhooksSettled()
    const depths = Object.entries(await queue.depth()).filter(([name]) => name !== 'upkeep')
    if (depths.some(([, { waiting, active }]) => waiting + active > 0)) return false
    return (await store.deliveries.countByFate()).undone === 0 && (await store.jobs.listOpen(1)).length === 0
  }

  return {
    ...world,
    server,
    door,
    logged,
    async page(path) {
      const reply = await fetch(`${server.url}${path}`, { headers: { cookie } })
      return textOf(await reply.text())
    },
    async newestJob(repository, number) {
      const [job] = await store.jobs.list({ repository, pullRequest: number }, 1)
      return job
    },
    async settled() {
      for (let quiet = 0; quiet < 2; ) {
        await until('an idle server', isQuiet, LIMIT_MS)
        quiet = (await isQuiet()) ? quiet + 1 : 0
      }
      await until('the last pod to be gone', () => runpod.livePods().length === 0, LIMIT_MS)
    },
    async stop() {
      await server.stop()
      await door.stop()
      await world.stop()
    },
  }
}

function textOf(page: string): string {
  const plain = page.replace(/<(script|style)[\s\S]*?<\/\1>/g, ' ').replace(/<[^>]*>/g, ' ')
  return plain.replace(/&#39;|&quot;/g, "'").replace(/\s+/g, ' ')
}
