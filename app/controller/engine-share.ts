import type { Clock, Random } from '../../ports/clock.ts'
import { ModelError, StoreError } from '../../ports/errors.ts'
import type { EngineLease, EnginePhase, Engines, LoadOptions } from '../../ports/model.ts'
import { costOf, formatUsd, type MicroUsd, microUsd } from '../../ports/money.ts'

/** A warm lease is kept this long after its last request, so that a conversation does not pay the store for every turn. */
const LINGER_MS = 3_000

export interface EngineUse {
  readonly lease: EngineLease
  /** When the wait for an engine ended. */
  readonly readyAt: number
  /** Aborts when the pod is lost or this request has cost all it may. */
  readonly lost: AbortSignal
  /** This request's part of the pod's time so far. */
  costSoFar(): MicroUsd
}

export interface EngineWish {
  readonly model: string
  readonly user: string | null
  readonly signal: AbortSignal
  /** A limit of its own, below that of every request: such a request gets a lease of its own, so that its end is nobody else's. */
  readonly ownMicroUsd: MicroUsd | null
  readonly perRequestMicroUsd: MicroUsd
  readonly waitMs: number
  readonly onPhase?: (phase: EnginePhase) => void
}

/** One model's lease, shared by the requests in flight. */
interface Shared {
  readonly lease: Promise<EngineLease>
  readonly controller: AbortController
  readonly listeners: Set<(phase: EnginePhase) => void>
  /** Set once the wait is over, and taken away when the pod is lost. */
  warm: EngineLease | undefined
  users: number
  linger: AbortController | undefined
}

/** Shares one lease per model among the controller's requests, so that each costs the engine a call and the store nothing. */
export function createEngineShare(world: {
  readonly engines: Engines
  readonly clock: Clock
  readonly random: Random
  readonly loadOptionsOf: (model: string) => LoadOptions
}) {
  const open = new Map<string, Shared>()
  const all = new Set<Shared>()

  async function use<T>(wish: EngineWish, body: (use: EngineUse) => Promise<T>): Promise<T> {
    const isShared = wish.ownMicroUsd === null
    const shared = (isShared ? open.get(wish.model) : undefined) ?? acquire(wish)
    shared.users += 1
    shared.linger?.abort()
    if (wish.onPhase) shared.listeners.add(wish.onPhase)
    const end = new AbortController()
    try {
      const lease = await withSignal(shared.lease, wish.signal)
      const startedAt = world.clock.now()
      const share = () => Math.max(1, Math.min(shared.users, lease.slots))
      const costSoFar = () =>
        microUsd(Math.ceil(costOf(lease.microUsdPerHour, world.clock.now() - startedAt) / share()))
      const limit = wish.ownMicroUsd ?? wish.perRequestMicroUsd
      const spent = new AbortController()
      if (lease.microUsdPerHour > 0) void watchCost(costSoFar, limit, lease.microUsdPerHour, spent, end.signal)
      const lost = AbortSignal.any([lease.lost, spent.signal])
      return await body({ lease, readyAt: startedAt, lost, costSoFar })
    } finally {
      end.abort()
      if (wish.onPhase) shared.listeners.delete(wish.onPhase)
      shared.users -= 1
      if (shared.users === 0) void (isShared ? closeLater(wish.model, shared) : close(wish.model, shared))
    }
  }

  /** Ends a request whose part of the pod has reached its limit; looks again when others shared the cost meanwhile. */
  async function watchCost(
    costSoFar: () => MicroUsd,
    limit: MicroUsd,
    microUsdPerHour: MicroUsd,
    spent: AbortController,
    end: AbortSignal,
  ): Promise<void> {
    try {
      for (;;) {
        const left = limit - costSoFar()
        if (left <= 0) return spent.abort(limitReached(limit))
        await world.clock.sleep(Math.ceil((left / microUsdPerHour) * 3_600_000) + 1, end)
      }
    } catch {
      // The request ended first.
    }
  }

  function acquire(wish: EngineWish): Shared {
    const controller = new AbortController()
    const listeners = new Set<(phase: EnginePhase) => void>()
    const now = world.clock.now()
    const load = world.loadOptionsOf(wish.model)
    const demand = {
      jobId: `gateway-${world.random.ulid(now)}`,
      repository: null,
      user: wish.user,
      model: wish.model,
      load,
      slotsWanted: wish.ownMicroUsd === null ? Number.MAX_SAFE_INTEGER : 1,
      deadlineAt: now + wish.waitMs,
      // A shared lease outlives any one request; each request's own limit is watched where it runs.
      maxCostMicroUsd: wish.ownMicroUsd ?? microUsd(Number.MAX_SAFE_INTEGER),
      onPhase: (phase: EnginePhase) => {
        for (const listener of listeners) listener(phase)
      },
    }
    const shared: Shared = {
      lease: world.engines.acquire(demand, controller.signal),
      controller,
      listeners,
      warm: undefined,
      users: 0,
      linger: undefined,
    }
    all.add(shared)
    if (wish.ownMicroUsd === null) open.set(wish.model, shared)
    shared.lease.then(
      (lease) => {
        shared.warm = lease
        lease.lost.addEventListener('abort', () => forget(wish.model, shared), { once: true })
      },
      () => {
        forget(wish.model, shared)
        all.delete(shared)
      },
    )
    return shared
  }

  async function closeLater(model: string, shared: Shared): Promise<void> {
    const linger = new AbortController()
    shared.linger = linger
    try {
      await world.clock.sleep(LINGER_MS, linger.signal)
    } catch {
      return
    }
    if (shared.users > 0) return
    await close(model, shared)
  }

  async function close(model: string, shared: Shared): Promise<void> {
    forget(model, shared)
    shared.controller.abort(
      new ModelError({
        code: 'aborted',
        owner: 'retry',
        message: 'No request waits for this engine any more.',
        remedy: '',
      }),
    )
    await shared.lease.then((lease) => lease.release()).catch(() => {})
    all.delete(shared)
  }

  function forget(model: string, shared: Shared): void {
    if (open.get(model) === shared) open.delete(model)
  }

  return {
    use,
    /** Requests of this process that hold or wait for an engine. */
    inUse: () => [...all].reduce((sum, shared) => sum + shared.users, 0),
    /** Gives every lease back; called when the server drains. */
    async closeAll(): Promise<void> {
      const models = new Map([...open].map(([model, shared]) => [shared, model]))
      await Promise.all([...all].map((shared) => close(models.get(shared) ?? '', shared)))
    },
    /** Any warm engine, without waiting for one. */
    peek: (): EngineLease | undefined => [...open.values()].find(({ warm }) => warm !== undefined)?.warm,
  }
}

export type EngineShare = ReturnType<typeof createEngineShare>

function limitReached(limit: MicroUsd): StoreError {
  return new StoreError({
    code: 'budget-reached',
    owner: 'user',
    message: `The request reached the ${formatUsd(limit)} it may cost.`,
    remedy: 'Allow more (maxCostUsd, the budget of the key, budget.perJobUsd), or ask for less.',
  })
}

function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
