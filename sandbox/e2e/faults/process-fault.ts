import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { silentLog } from '../../../ports/log.ts'
import { NO_POSTGRES, startPostgres, type ThrowawayPostgres } from '../../postgres/start-postgres.ts'
import { type OpenChange, openChange } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'
import { type SandboxWorld, startSandboxWorld } from '../__support__/sandbox-world.ts'
import { until } from '../__support__/until.ts'
import { doctorSays } from './doctor-says.ts'
import type { FaultArea, FaultRow } from './fault-row.ts'
import { logOf } from './house-fault.ts'
import { judgeLost } from './judge-lost.ts'
import { type ChildWish, ServerChild } from './server-child.ts'
import { Witness } from './witness.ts'

const LIMIT_MS = 240_000
const CALM_MS = 1_000
/** An RTX 4090 at $0.69 an hour. */
const MICRO_USD_PER_MS = 690_000 / 3_600_000

export interface ProcessScene {
  readonly world: SandboxWorld
  readonly change: OpenChange
  readonly servers: ServerChild[]
  /** A server on the same data, as a supervisor starts it. */
  start(): Promise<ServerChild>
  readonly postgres: ThrowawayPostgres | null
  readonly dataDir: string
  ask(): void
  /** Posts to the first server as anybody could. */
  post(path: string, body: string, headers?: Readonly<Record<string, string>>): Promise<number>
}

/** A fault of the machine under the product, which runs as one or two processes. */
export interface ProcessFault {
  readonly id: string
  readonly area: FaultArea
  readonly fault: string
  readonly store: 'pglite' | 'postgres'
  readonly replicas?: number
  readonly child?: Omit<ChildWish, 'variables'>
  /** A sentence when this machine cannot show it. */
  readonly prepare?: (dataDir: string) => Promise<{ readonly undo: () => Promise<void> } | { readonly cannot: string }>
  readonly during: (scene: ProcessScene) => Promise<void>
  readonly heal?: (scene: ProcessScene) => Promise<void>
  readonly outcomes?: readonly string[]
  /** How far the clock is set: a pod's minutes are counted by it until the provider's bill is compared. */
  readonly jumpMs?: number
}

export async function runProcessFault(it: ProcessFault, withCli: boolean): Promise<FaultRow | string> {
  const postgres = it.store === 'postgres' ? await startPostgres() : null
  if (it.store === 'postgres' && postgres === null) return NO_POSTGRES
  const world = await startSandboxWorld()
  const dataDir = world.variables.DEVLOOP_DATA ?? ''
  const prepared = await it.prepare?.(dataDir)
  if (prepared !== undefined && 'cannot' in prepared) {
    await world.stop()
    return prepared.cannot
  }
  const servers: ServerChild[] = []
  try {
    const variables = { ...world.variables, ...(postgres === null ? {} : { DATABASE_URL: postgres.url() }) }
    for (let index = 0; index < (it.replicas ?? 1); index++) {
      const own = index === 0 ? variables : { ...variables, DEVLOOP_DATA: `${dataDir}-${index}` }
      servers.push(await ServerChild.start({ ...it.child, variables: own }))
    }
    const start = () => ServerChild.start({ ...it.child, variables })
    const scene = sceneOf({
      world,
      servers,
      start,
      postgres,
      dataDir,
      change: await openChange(world, `acme/${it.id}`),
    })
    return await run(it, scene, variables, withCli)
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await prepared?.undo()
    await world.stop()
    await postgres?.stop()
  }
}

function sceneOf(facts: Omit<ProcessScene, 'ask' | 'post'>): ProcessScene {
  const { world, servers, change } = facts
  const url = () => servers[0]?.url ?? ''
  world.github.setWebhookUrl(world.registration, `${url()}/api/github/webhooks`)
  return {
    ...facts,
    ask: () => void change.bob.comment(change.number, '/devloop review'),
    async post(path, body, headers = {}) {
      const reply = await fetch(`${url()}${path}`, { method: 'POST', body, headers })
      await reply.arrayBuffer()
      return reply.status
    },
  }
}

async function run(
  it: ProcessFault,
  scene: ProcessScene,
  variables: Readonly<Record<string, string>>,
  withCli: boolean,
): Promise<FaultRow> {
  const { world, change, servers } = scene
  const witness = new Witness(
    change,
    async () => '',
    async () => undefined,
  )
  const trouble: string[] = []
  const ready: string[] = []
  let cli = ''
  try {
    await it.during(scene)
    ready.push(await readiness(servers))
    if (withCli) cli = await doctorSays(variables)
  } catch (error) {
    trouble.push(String(error))
  }
  const healedAt = performance.now()
  try {
    await it.heal?.(scene)
    await redeliver(scene)
    await until('the end of the review', () => hasEnded(change), LIMIT_MS)
    await until('the last pod to be gone', () => world.runpod.livePods().length === 0, LIMIT_MS)
    await redeliver(scene)
  } catch (error) {
    trouble.push(String(error))
  }
  const recoverySeconds = Math.round((performance.now() - healedAt) / 100) / 10
  ready.push(await readiness(servers))
  await until('an empty inbox', () => hasEmptyInbox(servers[0]?.url ?? ''), LIMIT_MS).catch(() => {})
  witness.stop()
  if (servers.some((server) => !server.isRunning)) trouble.push('a server did not live through it')
  await world.github.webhooksSettled()
  await Promise.all(servers.map((server) => server.stop()))
  await oneMoreLife(scene)
  return {
    id: it.id,
    area: it.area,
    fault: it.fault,
    pullRequest: witness.pullRequest(),
    dashboard: `/readyz ${[...new Set(ready)].join(' → ')}`,
    log: logOf(servers.flatMap(({ logged }) => logged)),
    cli,
    lost: [...trouble, ...(await judge(scene, it))],
    podsAtEnd: world.runpod.livePods().length,
    recoverySeconds,
  }
}

/** What was delivered while the servers ended is taken up by the next one, as after any restart. */
async function oneMoreLife(scene: ProcessScene): Promise<void> {
  const { world, change } = scene
  const server = await scene.start()
  try {
    world.github.setWebhookUrl(world.registration, `${server.url}/api/github/webhooks`)
    const isOver = async () =>
      (await isCalm(scene)) && world.runpod.livePods().length === 0 && (await hasEmptyInbox(server.url))
    await until('an empty inbox and the last pod to be gone', isOver)
  } catch (error) {
    server.logged.push(`${change.name}: ${String(error)}`)
  } finally {
    await server.stop()
  }
}

/** Nothing new comes for a while: what a check says makes events of its own, and nobody is there for them after the last life. */
async function isCalm(scene: ProcessScene): Promise<boolean> {
  const { deliveries } = scene.world.github
  await redeliver(scene)
  const before = deliveries.length
  await sleep(CALM_MS)
  await scene.world.github.webhooksSettled()
  return deliveries.length === before
}

/** What failed at our door while it could not be stored is sent again, as the upkeep asks GitHub to. */
async function redeliver({ world: { github } }: ProcessScene): Promise<void> {
  await github.webhooksSettled()
  const arrived = new Set(github.deliveries.filter(({ status }) => status === 'OK').map(({ guid }) => guid))
  const failed = new Set(github.deliveries.filter(({ guid }) => !arrived.has(guid)).map(({ guid }) => guid))
  for (const guid of failed) github.duplicateDelivery(guid)
  await github.webhooksSettled()
}

/** The check says so, and the summary says how. */
function hasEnded(change: OpenChange): boolean {
  const check = [...change.repository.runs.values()].findLast(({ name }) => name === 'devloop/review')
  return check?.status === 'completed' && said(change).summaries.some(({ body }) => /Outcome \*\*/.test(body))
}

async function hasEmptyInbox(url: string): Promise<boolean> {
  const reply = await fetch(`${url}/metrics`).catch(() => undefined)
  return /^devloop_deliveries\{fate="undone"\} 0$/m.test((await reply?.text()) ?? '')
}

async function readiness(servers: readonly ServerChild[]): Promise<string> {
  const answers = servers.map(async ({ url }) => {
    const reply = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(15_000) }).catch(() => undefined)
    return reply === undefined ? 'no answer' : String(reply.status)
  })
  return (await Promise.all(answers)).join(' and ')
}

/** Reads what the processes left behind. */
async function judge(
  scene: ProcessScene,
  { outcomes = ['posted'], jumpMs = 0 }: ProcessFault,
): Promise<readonly string[]> {
  const { world, postgres, dataDir, change } = scene
  const { github, runpod } = world
  const opened = await openStore({
    databaseUrl: postgres?.url(),
    dataDir: join(dataDir, 'pg'),
    clock: systemClock,
    random: createSystemRandom(),
    log: silentLog,
  })
  try {
    return await judgeLost({ github, runpod, store: opened.store }, change, outcomes, jumpMs * MICRO_USD_PER_MS)
  } finally {
    await opened.close(0)
  }
}
