import { randomBytes } from 'node:crypto'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import type { Clock } from '../../../ports/clock.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../../ports/log.ts'
import { microUsd } from '../../../ports/money.ts'
import { hashKey } from '../../controller/keys.ts'
import type { DashboardParts } from '../parts.ts'
import { createDashboard } from '../routes.ts'

export interface Asked {
  started: number
  readonly stopped: { force: boolean; by: string }[]
}

export const KEYS = {
  control: { key: `dlk_${'c'.repeat(64)}`, scopes: ['read', 'control'] },
  read: { key: `dlk_${'d'.repeat(64)}`, scopes: ['read'] },
  infer: { key: `dlk_${'e'.repeat(64)}`, scopes: ['infer'] },
} as const

/** The dashboard over a store in memory, with one key per kind of scope; what its buttons ask for is kept. */
export async function createTestDashboard(clock: Clock, over: Partial<DashboardParts> = {}) {
  const store = createMemoryStore({ clock })
  const asked: Asked = { started: 0, stopped: [] }
  for (const [name, { key, scopes }] of Object.entries(KEYS)) {
    await store.keys.add({
      id: `key_${name}`,
      name,
      scopes,
      hash: hashKey(key),
      models: null,
      monthlyMicroUsd: null,
      createdAt: clock.now(),
      lastUsedAt: null,
      revokedAt: null,
    })
  }
  const none = { waiting: 0, active: 0 }
  const dashboard = createDashboard({
    store,
    queue: {
      depth: async () => ({
        delivery: none,
        review: { waiting: 1, active: 1 },
        governance: none,
        infer: none,
        upkeep: none,
      }),
    },
    clock,
    random: { ...createSeededRandom(7), hex: (bytes) => randomBytes(bytes).toString('hex') },
    log: silentLog,
    version: '0.1.0',
    startedAt: clock.now() - 7_500_000,
    budget: { perDayMicroUsd: microUsd(10_000_000), perMonthMicroUsd: microUsd(100_000_000) },
    idle: { policy: 'adaptive', maxMinutes: 10 },
    defaultModel: 'qwen3-coder:30b',
    engine: 'runpod',
    githubWebUrl: 'https://github.com',
    recovered: false,
    readStatus: async () => ({
      queue: { waiting: 1, active: 1 },
      cost: { todayUsd: 8.213, monthUsd: 31.42 },
      metrics: {
        idleSpendRatio: 0.081,
        spinUpP95Ms: 57_300,
        inferenceP95Ms: 3_420,
        usdPerJob: 0.0192,
        planDrift: 2,
      },
    }),
    findKey: (key) => store.keys.findByHash(hashKey(key)),
    fleet: {
      start: async () => {
        asked.started += 1
      },
      stop: async (wish) => {
        asked.stopped.push(wish)
      },
    },
    github: null,
    publicUrl: null,
    sessionPepper: 'of the environment',
    ...over,
  })
  return { dashboard, store, asked }
}

/** Puts it on a port of this machine. */
export async function listenOn(dashboard: Awaited<ReturnType<typeof createTestDashboard>>['dashboard']) {
  const { promise, resolve } = Promise.withResolvers<AddressInfo>()
  const server = serve({ fetch: dashboard.room.fetch, hostname: '127.0.0.1', port: 0 }, resolve) as Server
  const { port } = await promise
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      dashboard.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
