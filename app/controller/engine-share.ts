import type { Clock, Random } from '../../ports/clock.ts'
import { ModelError } from '../../ports/errors.ts'
import type { EngineLease, EnginePhase, Engines, LoadOptions } from '../../ports/model.ts'
import { costOf, type MicroUsd, microUsd } from '../../ports/money.ts'

/** A warm lease is kept this long after its last request, so that a conversation does not pay the store for every turn. */
const LINGER_MS = 3_000

export interface EngineUse {
  readonly lease: EngineLease
  /** When the wait for an engine ended. */
  readonly readyAt: number
  /** This request's part of the pod's time so far. */
  costSoFar(): MicroUsd
}

export interface EngineWish {
  readonly model: string
  readonly user: string | null
  readonly signal: AbortSignal
  readonly maxCostMicroUsd: MicroUsd
  readonly waitMs: number
  readonly onPhase?: (phase: EnginePhase) => void
}

/** One model's lease, shared by the requests in flight. */
interface Shared {
  readonly lease: Promise<EngineLease>
  readonly controller: AbortController
  readonly listeners: Set<(phase: EnginePhase) => void>
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

  async function use<T>(wish: EngineWish, body: (use: EngineUse) => Promise<T>): Promise<T> {
    const shared = open.get(wish.model) ?? acquire(wish)
    shared.users += 1
    shared.linger?.abort()
    if (wish.onPhase) shared.listeners.add(wish.onPhase)
    try {
      const lease = await withSignal(shared.lease, wish.signal)
      const startedAt = world.clock.now()
      const costSoFar = () =>
        microUsd(
          Math.ceil(
            costOf(lease.microUsdPerHour, world.clock.now() - startedAt) /
              Math.max(1, Math.min(shared.users, lease.slots)),
          ),
        )
      return await body({ lease, readyAt: startedAt, costSoFar })
    } finally {
      if (wish.onPhase) shared.listeners.delete(wish.onPhase)
      shared.users -= 1
      if (shared.users === 0) void closeLater(wish.model, shared)
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
      slotsWanted: Number.MAX_SAFE_INTEGER,
      deadlineAt: now + wish.waitMs,
      maxCostMicroUsd: wish.maxCostMicroUsd,
      onPhase: (phase: EnginePhase) => {
        for (const listener of listeners) listener(phase)
      },
    }
    const shared: Shared = {
      lease: world.engines.acquire(demand, controller.signal),
      controller,
      listeners,
      users: 0,
      linger: undefined,
    }
    open.set(wish.model, shared)
    shared.lease.then(
      (lease) => lease.lost.addEventListener('abort', () => forget(wish.model, shared), { once: true }),
      () => forget(wish.model, shared),
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
  }

  function forget(model: string, shared: Shared): void {
    if (open.get(model) === shared) open.delete(model)
  }

  return {
    use,
    /** Gives every lease back; called when the server drains. */
    async closeAll(): Promise<void> {
      await Promise.all([...open].map(([model, shared]) => close(model, shared)))
    },
    /** The address of a model's warm engine, without waiting for one. */
    async peek(): Promise<EngineLease | undefined> {
      for (const shared of open.values()) {
        const lease = await Promise.race([shared.lease.catch(() => undefined), Promise.resolve(undefined)])
        if (lease) return lease
      }
      return undefined
    },
  }
}

export type EngineShare = ReturnType<typeof createEngineShare>

function withSignal<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) return Promise.reject(signal.reason)
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}
