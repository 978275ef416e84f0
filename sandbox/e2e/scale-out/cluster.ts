import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { ThrowawayPostgres } from '../../postgres/start-postgres.ts'
import { type SandboxWorld, startSandboxWorld } from '../__support__/sandbox-world.ts'
import { type Balancer, type BalancerOptions, startBalancer } from './balancer.ts'
import type { BreakName } from './broken.ts'
import { type Relay, type RelayOptions, startRelay } from './relay.ts'
import { Replica } from './replica.ts'

export const REPLICAS = 3
const WEBHOOK_PATH = '/api/github/webhooks'
const END_LIMIT_MS = 10_000
const BREAK = new URL('./break.ts', import.meta.url)
const QUICK = new URL('./quick.ts', import.meta.url)
/** Pods are given back at once, so that a run need not wait for the idle policy. */
const SERVER_CONFIG = 'version: 1\nfleet:\n  idle: {policy: immediate}\n'

export interface ClusterWish {
  readonly postgres: ThrowawayPostgres
  /** The waits of the fleet made short. */
  readonly quick: boolean
  /** Deliberate faults built into every replica. */
  readonly broken?: readonly BreakName[]
  readonly balancer?: Pick<BalancerOptions, 'loses' | 'replays'>
  /** Replicas that are started at once; all by default. */
  readonly running?: number
  /** Between a replica and GitHub. */
  readonly github?: (index: number) => RelayOptions
  /** The broken variant: the last replica works on a database of its own. */
  readonly apart?: boolean
}

/** Three replicas of the real server on one PostgreSQL database behind a balancer, with GitHub and RunPod outside of them. */
export interface Cluster {
  readonly world: SandboxWorld
  readonly replicas: readonly Replica[]
  readonly balancer: Balancer
  readonly github: readonly Relay[]
  readonly runpod: readonly Relay[]
  readonly databaseUrl: string
  /** A connection of the test's own. */
  readonly database: pg.Client
  readonly webhookUrl: string
  stop(): Promise<void>
}

export async function startCluster(wish: ClusterWish): Promise<Cluster> {
  const ends: (() => Promise<unknown>)[] = []
  const stop = async () => {
    for (const end of ends.toReversed()) await end()
  }
  try {
    const databaseUrl = await createDatabase(wish.postgres)
    const database = new pg.Client({ connectionString: databaseUrl })
    // The server under it may be ended first.
    database.on('error', () => {})
    await database.connect()
    ends.push(() => database.end().catch(() => {}))
    // Each replica keeps GitHub's limits by itself, and events come far faster than GitHub lets anybody answer them.
    const world = await startSandboxWorld({ boot: { provisioningMs: 20, startingMs: 20 }, secondaryLimits: false })
    ends.push(() => world.stop())
    const github = await relaysTo(world.github.url, ends, wish.github)
    const runpod = await relaysTo(new URL(world.runpod.url).origin, ends)
    const replicas: Replica[] = []
    const balancer = await startBalancer({ ...wish.balancer, targets: () => replicas.map(({ url }) => url) })
    ends.push(() => balancer.stop())
    const webhookUrl = `${balancer.url}${WEBHOOK_PATH}`
    world.github.setWebhookUrl(world.registration, webhookUrl)
    const aside = wish.apart ? await createDatabase(wish.postgres) : databaseUrl
    for (let index = 0; index < REPLICAS; index++) {
      const folder = join(world.folder, `replica-${index}`)
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'devloop.yml'), SERVER_CONFIG)
      const replica = new Replica({
        index,
        preloads: [...(wish.quick ? [QUICK] : []), ...(wish.broken?.length ? [BREAK] : [])],
        variables: {
          ...world.variables,
          DATABASE_URL: index === REPLICAS - 1 ? aside : databaseUrl,
          DEVLOOP_DATA: folder,
          GITHUB_API_URL: github[index]?.url ?? '',
          RUNPOD_API_URL: `${runpod[index]?.url}/v2`,
          PUBLIC_URL: balancer.url,
          SCALE_OUT_BREAKS: wish.broken?.join(',') ?? '',
        },
      })
      replicas.push(replica)
    }
    ends.push(() => Promise.all(replicas.map((replica) => replica.drain(END_LIMIT_MS))))
    await Promise.all(replicas.slice(0, wish.running ?? REPLICAS).map((replica) => replica.start()))
    return { world, replicas, balancer, github, runpod, databaseUrl, database, webhookUrl, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** An empty database of its own. */
export async function createDatabase(postgres: ThrowawayPostgres): Promise<string> {
  const name = `devloop_${randomBytes(6).toString('hex')}`
  const client = new pg.Client({ connectionString: postgres.url() })
  await client.connect()
  try {
    await client.query(`CREATE DATABASE ${name}`)
  } finally {
    await client.end()
  }
  return postgres.url(name)
}

async function relaysTo(
  target: string,
  ends: (() => Promise<unknown>)[],
  optionsOf: (index: number) => RelayOptions = () => ({}),
): Promise<readonly Relay[]> {
  const relays: Relay[] = []
  for (let index = 0; index < REPLICAS; index++) {
    const relay = await startRelay(target, optionsOf(index))
    relays.push(relay)
    ends.push(() => relay.stop())
  }
  return relays
}
