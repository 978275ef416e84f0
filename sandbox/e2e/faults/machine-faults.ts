import { execFile } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdir, rm, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { until } from '../__support__/until.ts'
import type { ProcessFault, ProcessScene } from './process-fault.ts'

const run = promisify(execFile)
const MINUTE = 60_000
const MEGABYTE = 1024 ** 2
const CLOCK = new URL('./jumping-clock.ts', import.meta.url).href

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Somebody has asked, and a pod runs. */
async function atWork({ world, ask }: ProcessScene): Promise<void> {
  ask()
  await until('a pod', () => world.runpod.livePods().length > 0)
}

async function query(scene: ProcessScene, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: scene.postgres?.url() ?? '' })
  await client.connect()
  await client.query(text).finally(() => client.end())
}

/** As many connections as the server gives, held for some seconds. */
async function takeAllConnections(scene: ProcessScene, forMs: number): Promise<void> {
  const held: pg.Client[] = []
  try {
    for (let tries = 0; tries < 200; tries++) {
      const client = new pg.Client({ connectionString: scene.postgres?.url() ?? '' })
      client.on('error', () => {})
      const isIn = await client.connect().then(
        () => true,
        () => false,
      )
      if (!isIn) break
      held.push(client)
    }
    // Whatever the product still holds is taken from it: it has to ask for new ones, and gets none.
    await held[0]?.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND application_name = 'devloop'`,
    )
    await sleep(forMs)
  } finally {
    await Promise.all(held.map((client) => client.end().catch(() => {})))
  }
}

/** A disk of its own for the data folder, small enough to be filled. */
async function smallDisk(dataDir: string) {
  await mkdir(dataDir, { recursive: true })
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=160m', 'tmpfs', dataDir])
  } catch (error) {
    return { cannot: `this machine lets nobody mount a disk: ${String(error).split('\n')[0]}` }
  }
  return {
    undo: async () => {
      await run('umount', ['-l', dataDir])
    },
  }
}

async function fill(dataDir: string): Promise<void> {
  for (let part = 0; part < 200; part++) {
    const { bavail, bsize } = await statfs(dataDir)
    if (bavail * bsize < 8_192) return
    const bytes = Math.min(bavail * bsize, 8 * MEGABYTE)
    await writeFile(join(dataDir, `filler-${part}`), Buffer.alloc(bytes)).catch(() => {})
  }
}

async function clear(dataDir: string): Promise<void> {
  for (let part = 0; part < 200; part++) await rm(join(dataDir, `filler-${part}`), { force: true })
}

/** A webhook that is signed as GitHub signs. */
function deliver(scene: ProcessScene, body: string): Promise<number> {
  const signature = createHmac('sha256', scene.world.variables.WEBHOOK_SECRET ?? '')
    .update(body)
    .digest('hex')
  return scene.post('/api/github/webhooks', body, {
    'content-type': 'application/json',
    'x-github-event': 'star',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${signature}`,
  })
}

async function flood(scene: ProcessScene): Promise<void> {
  scene.ask()
  const legal = JSON.stringify({ filler: 'x'.repeat(20 * MEGABYTE) })
  const large = JSON.stringify({ filler: 'x'.repeat(40 * MEGABYTE) })
  const deep = '['.repeat(5 * MEGABYTE)
  const statuses = [
    await deliver(scene, legal),
    await deliver(scene, large),
    await deliver(scene, deep),
    await scene.post('/infer', large, { 'content-type': 'application/json' }),
    await scene.post('/api/chat', large, { 'content-type': 'application/json' }),
  ]
  if (statuses.join() !== '202,413,400,401,401') throw new Error(`big inputs were answered with ${statuses.join()}`)
}

export const machineFaults: readonly ProcessFault[] = [
  {
    id: 'postgres-restart',
    area: 'PostgreSQL',
    fault: 'the database crashes while the pod runs and is back after 4 s',
    store: 'postgres',
    during: async (scene) => {
      await atWork(scene)
      await scene.postgres?.halt()
      await sleep(4_000)
    },
    heal: async ({ postgres }) => postgres?.restart(),
  },
  {
    id: 'postgres-connections-cut',
    area: 'PostgreSQL',
    fault: 'all connections are cut at once, three times',
    store: 'postgres',
    during: async (scene) => {
      await atWork(scene)
      for (let time = 0; time < 3; time++) {
        await query(
          scene,
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`,
        )
        await sleep(500)
      }
    },
  },
  {
    id: 'postgres-no-connections',
    area: 'PostgreSQL',
    fault: 'others take every connection for 5 s, ours included',
    store: 'postgres',
    during: async (scene) => {
      await atWork(scene)
      await takeAllConnections(scene, 5_000)
    },
  },
  {
    id: 'disk-full',
    area: 'Disk',
    fault: 'the disk of DEVLOOP_DATA fills up while the pod runs, for 12 s',
    store: 'pglite',
    prepare: smallDisk,
    during: async (scene) => {
      await atWork(scene)
      await fill(scene.dataDir)
      await scene.change.cleo.comment(scene.change.number, '/devloop status')
      await sleep(12_000)
    },
    heal: ({ dataDir }) => clear(dataDir),
  },
  {
    id: 'disk-read-only',
    area: 'Disk',
    fault: 'the server ends while the pod runs, and finds the disk of DEVLOOP_DATA read-only when it starts again',
    store: 'pglite',
    prepare: smallDisk,
    during: async (scene) => {
      await atWork(scene)
      await scene.servers[0]?.stop()
      await run('mount', ['-o', 'remount,ro', scene.dataDir])
      const refusal = await scene.start().then(
        () => 'it started',
        (error: Error) => error.message,
      )
      if (refusal === 'it started') throw new Error(refusal)
      scene.servers[0]?.logged.push(JSON.stringify({ level: 'error', msg: refusal }))
    },
    heal: async (scene) => {
      await run('mount', ['-o', 'remount,rw', scene.dataDir])
      const before = scene.servers[0]?.logged ?? []
      const server = await scene.start()
      server.logged.push(...before)
      scene.servers.splice(0, 1, server)
      scene.world.github.setWebhookUrl(scene.world.registration, `${server.url}/api/github/webhooks`)
    },
  },
  {
    id: 'clock-forward',
    area: 'Clock',
    fault: 'the clock is set forward by ten minutes while the pod runs',
    store: 'pglite',
    child: { flags: ['--import', CLOCK] },
    jumpMs: 10 * MINUTE,
    during: async (scene) => {
      await atWork(scene)
      scene.servers[0]?.jump(10 * MINUTE)
    },
  },
  {
    id: 'clock-back',
    area: 'Clock',
    fault: 'the clock is set back by a minute while the pod runs',
    store: 'pglite',
    child: { flags: ['--import', CLOCK] },
    jumpMs: MINUTE,
    during: async (scene) => {
      await atWork(scene)
      scene.servers[0]?.jump(-MINUTE)
    },
  },
  {
    id: 'clock-of-one-replica',
    area: 'Clock',
    fault: 'of two replicas one is set forward by five minutes, and back again',
    store: 'postgres',
    replicas: 2,
    child: { flags: ['--import', CLOCK] },
    jumpMs: 5 * MINUTE,
    during: async (scene) => {
      scene.servers[0]?.jump(5 * MINUTE)
      await atWork(scene)
      await sleep(1_000)
      scene.servers[0]?.jump(-5 * MINUTE)
    },
  },
  {
    id: 'memory-pressure',
    area: 'Memory',
    fault: 'a heap of 160 MB, and inputs of 20 to 40 MB at every door',
    store: 'pglite',
    child: { flags: ['--max-old-space-size=160'] },
    during: flood,
  },
]
