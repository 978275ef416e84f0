import { createMemoryQueue } from '../../../adapters/memory/memory-queue.ts'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import type { Clock } from '../../../ports/clock.ts'
import { StoreError } from '../../../ports/errors.ts'
import { createSeededRandom } from '../../../ports/fakes/seeded-random.ts'
import { jobId } from '../../../ports/ids.ts'
import { silentLog } from '../../../ports/log.ts'
import type { EngineLease, Engines, ModelEngine } from '../../../ports/model.ts'
import { type MicroUsd, microUsd, microUsdFromUsd } from '../../../ports/money.ts'
import type { ApiKeyRow, KeyScope, Store } from '../../../ports/store.ts'
import { silentTelemetry } from '../../../ports/telemetry.ts'
import { metricsRoutes } from '../../metrics/routes.ts'
import { createServer } from '../../server.ts'
import { createEngineShare } from '../engine-share.ts'
import type { GatewayParts } from '../gateway/call.ts'
import { gatewayRoutes } from '../gateway/routes.ts'
import { createKeyBudget } from '../key-budget.ts'
import { createKey, createKeyring } from '../keys.ts'
import type { ControllerParts, FleetControl, InferJobRequest } from '../parts.ts'
import { RequestRefused } from '../problem.ts'
import { controllerRoutes } from '../routes.ts'
import { createStatusReader, startOfMonth } from '../status.ts'
import { createUsageLog } from '../usage-log.ts'

export const MODEL = 'qwen3-coder:30b'
const BUDGET = { perDayMicroUsd: microUsdFromUsd(10), perMonthMicroUsd: microUsdFromUsd(100) }

/** Engines at a fixed address, without a wait unless `acquire` brings one. */
export function enginesAt(url: string, microUsdPerHour: MicroUsd = microUsd(0)) {
  return {
    acquire: async (demand): Promise<EngineLease> => ({
      engine: {} as ModelEngine,
      address: { url, token: null },
      model: demand.model,
      digest: null,
      podName: null,
      gpu: null,
      microUsdPerHour,
      slots: 4,
      readyAt: 0,
      lost: new AbortController().signal,
      costSoFar: () => ({ microUsd: microUsd(0), gpuMs: 0 }),
      release: async () => {},
    }),
  } satisfies Engines
}

export interface ControllerWish {
  readonly engines: Engines
  readonly clock?: Clock
  /** That of another replica. */
  readonly store?: Store
  readonly seed?: number
  readonly fetch?: GatewayParts['fetch']
  readonly fleet?: FleetControl
  /** The address of an Ollama that somebody else runs. */
  readonly fixedEngine?: string
  readonly running?: number
  readonly remainingOf?: (key: ApiKeyRow) => Promise<MicroUsd | null>
  readonly isDraining?: () => boolean
  readonly tracing?: GatewayParts['tracing']
}

/** The controller and the gateway over a store in memory, under one address, as the server mounts them. */
export function createControllerBench(wish: ControllerWish) {
  const clock = wish.clock ?? systemClock
  const random = createSeededRandom(wish.seed ?? 7)
  const store = wish.store ?? createMemoryStore({ clock })
  const queue = createMemoryQueue({ clock })
  const loadOptionsOf = () => ({ contextTokens: 8_192 })
  const share = createEngineShare({ engines: wish.engines, clock, random, loadOptionsOf })
  const usage = createUsageLog({ store, clock, random, log: silentLog })
  const findKey = createKeyring({ keys: store.keys, clock })
  const asked: InferJobRequest[] = []
  const errors: unknown[] = []
  const gateway: GatewayParts = {
    share,
    usage,
    clock,
    fetch: wish.fetch ?? ((url, init) => fetch(url, init)),
    defaultModel: MODEL,
    offeredModels: [MODEL],
    fixedEngine: wish.fixedEngine === undefined ? null : { url: wish.fixedEngine, token: null },
    loadOptionsOf,
    budget:
      wish.remainingOf === undefined
        ? createKeyBudget({ facts: store.facts, jobs: store.jobs, clock, random, startOfMonth })
        : { setAside: (key, wanted) => setAsideOf(wish.remainingOf, key, wanted) },
    perRequestMicroUsd: microUsdFromUsd(1),
    waitMs: 600_000,
    tracing: wish.tracing ?? { telemetry: silentTelemetry, withPrompts: false },
  }
  const fleet = wish.fleet ?? { start: async () => {}, stop: async () => {}, shutdown: async () => ({ left: 0 }) }
  const parts: ControllerParts = {
    store,
    gateway,
    fleet,
    clock,
    random,
    log: { ...silentLog, error: (facts) => void errors.push(facts) },
    version: '1.2.3',
    createInferJob: async (request) => {
      asked.push(request)
      return jobId.parse(random.ulid(clock.now()))
    },
    countRunning: async () => wish.running ?? share.inUse(),
    readStatus: createStatusReader({
      store,
      queue,
      clock,
      budget: BUDGET,
    }),
    assertReady: async () => {
      if (!wish.isDraining?.()) return
      throw new StoreError({ code: 'unavailable', owner: 'retry', message: 'The server is stopping.', remedy: 'Wait.' })
    },
    findKey,
  }
  const metrics = metricsRoutes({
    store,
    queue,
    clock,
    log: silentLog,
    budget: BUDGET,
    github: { list: () => [], remaining: null },
    readDrift: async () => null,
  })
  const rooms = [controllerRoutes(parts), gatewayRoutes(gateway, findKey), metrics]
  const app = createServer(rooms as unknown as Parameters<typeof createServer>[0])
  return {
    app,
    store,
    share,
    usage,
    asked,
    errors,
    /** A fresh key in clear text. */
    async key(scopes: readonly KeyScope[], name: string = scopes.join('-'), models: readonly string[] | null = null) {
      const made = await createKey({ name, scopes, models, monthlyMicroUsd: null }, { keys: store.keys, clock, random })
      return { key: made.key, id: made.row.id }
    },
    async close() {
      await share.closeAll()
      await usage.drain()
    },
  }
}

async function setAsideOf(remainingOf: ControllerWish['remainingOf'], key: ApiKeyRow, wanted: MicroUsd) {
  const left = (await remainingOf?.(key)) ?? wanted
  if (left <= 0) throw new RequestRefused(402, 'budget-reached', 'Nothing is left.', 'Wait.')
  return { microUsd: microUsd(Math.min(left, wanted)), end: async () => {} }
}

export type ControllerBench = ReturnType<typeof createControllerBench>
