import { type Clock, pause } from './clock.ts'
import { defaultContext, type EmulatedModel, loadedBytes } from './models.ts'
import { Refusal } from './refusal.ts'

export interface SchedulerSettings {
  readonly vramBytes: number
  readonly parallel: number
  readonly maxLoaded: number
  readonly maxQueue: number
  readonly keepAliveMs: number
  readonly contextLength: number | undefined
  readonly cacheFactor: number
  readonly loadBytesPerSecond: number
}

export interface LoadRequest {
  readonly model: EmulatedModel
  readonly options: Readonly<Record<string, unknown>>
  readonly shift: boolean
  readonly signal: AbortSignal
}

/** A loaded model: what `/api/ps` lists. */
export interface Runner {
  readonly model: EmulatedModel
  readonly loadKey: string
  readonly shift: boolean
  readonly contextLength: number
  readonly sizeBytes: number
  readonly sizeVramBytes: number
  active: number
  expiresAt: number
  lastPrompt: string
  cancelExpiry: () => void
}

interface Waiter {
  readonly request: LoadRequest
  readonly since: number
  readonly grant: (lease: Lease) => void
  readonly refuse: (reason: unknown) => void
}

export interface Lease {
  readonly runner: Runner
  /** Milliseconds this request spent on a load it caused. */
  readonly loadMs: number
}

const loadTimeKeys = ['num_batch', 'num_gpu', 'main_gpu', 'use_mmap', 'num_thread', 'draft_num_predict']

/** Loads, reloads, unloads and queues as the server does: first come first served, one load at a time. */
export class Scheduler {
  readonly runners = new Map<string, Runner>()
  loads = 0
  reloads = 0
  readonly #settings: SchedulerSettings
  readonly #clock: Clock
  #queue: Waiter[] = []
  #loading = false

  constructor(settings: SchedulerSettings, clock: Clock) {
    this.#settings = settings
    this.#clock = clock
  }

  /** Waits for a slot, loading the model first where needed. Every lease must be released. */
  acquire(request: LoadRequest): Promise<Lease> {
    if (this.#queue.length >= this.#settings.maxQueue) {
      throw new Refusal(503, 'server busy, please try again.  maximum pending requests exceeded')
    }
    return new Promise((resolve, reject) => {
      const waiter = { request, since: this.#clock.now(), grant: resolve, refuse: reject }
      this.#queue.push(waiter)
      request.signal.addEventListener('abort', () => this.#drop(waiter), { once: true })
      this.#pump()
    })
  }

  release(lease: Lease, keepAliveMs: number | undefined): void {
    const { runner } = lease
    runner.active -= 1
    runner.cancelExpiry()
    const aliveMs = keepAliveMs ?? this.#settings.keepAliveMs
    runner.expiresAt = aliveMs < 0 ? Number.POSITIVE_INFINITY : this.#clock.now() + aliveMs
    if (aliveMs >= 0 && runner.active === 0) this.#expireAfter(runner, aliveMs)
    this.#pump()
  }

  /** Drops every loaded model. */
  stop(): void {
    for (const runner of this.runners.values()) runner.cancelExpiry()
    this.runners.clear()
  }

  #expireAfter(runner: Runner, aliveMs: number): void {
    if (aliveMs === 0) {
      this.runners.delete(runner.model.tag)
      return
    }
    runner.cancelExpiry = this.#clock.after(aliveMs, () => {
      if (runner.active === 0) this.runners.delete(runner.model.tag)
      this.#pump()
    })
  }

  #drop(waiter: Waiter): void {
    if (!this.#queue.includes(waiter)) return
    this.#queue = this.#queue.filter((other) => other !== waiter)
    waiter.refuse(new Refusal(499, 'request canceled'))
    this.#pump()
  }

  #pump(): void {
    while (!this.#loading) {
      const waiter = this.#queue[0]
      if (waiter === undefined) return
      const loaded = this.runners.get(waiter.request.model.tag)
      if (loaded?.loadKey === this.#loadKey(waiter.request)) {
        if (loaded.active >= this.#settings.parallel) return
        this.#queue.shift()
        this.#grant(waiter, loaded, 0)
        continue
      }
      if (!this.#makeRoom(loaded)) return
      void this.#load(waiter, loaded !== undefined)
    }
  }

  #grant(waiter: Waiter, runner: Runner, loadMs: number): void {
    runner.active += 1
    runner.cancelExpiry()
    waiter.grant({ runner, loadMs })
  }

  #makeRoom(stale: Runner | undefined): boolean {
    if (stale !== undefined) {
      if (stale.active > 0) return false
      stale.cancelExpiry()
      this.runners.delete(stale.model.tag)
    }
    if (this.runners.size < this.#settings.maxLoaded) return true
    const idle = [...this.runners.values()].find((runner) => runner.active === 0)
    if (idle === undefined) return false
    idle.cancelExpiry()
    this.runners.delete(idle.model.tag)
    return true
  }

  async #load(waiter: Waiter, isReload: boolean): Promise<void> {
    this.#loading = true
    this.loads += 1
    if (isReload) this.reloads += 1
    const startedAt = this.#clock.now()
    this.#queue.shift()
    try {
      const loadMs = (waiter.request.model.sizeBytes / this.#settings.loadBytesPerSecond) * 1000
      await pause(this.#clock, loadMs, waiter.request.signal)
      const runner = this.#runner(waiter.request)
      this.runners.set(runner.model.tag, runner)
      this.#grant(waiter, runner, Math.max(1, this.#clock.now() - startedAt))
    } catch {
      waiter.refuse(new Refusal(499, 'client connection closed before llama-server finished loading, aborting load'))
    } finally {
      this.#loading = false
      this.#pump()
    }
  }

  #contextLength(request: LoadRequest): number {
    const { vramBytes, parallel, cacheFactor, contextLength } = this.#settings
    const asked = request.options.num_ctx
    if (typeof asked === 'number') return Math.min(asked, request.model.trainedContext)
    const wanted = Math.min(contextLength ?? defaultContext(vramBytes), request.model.trainedContext)
    const fits = loadedBytes(request.model, wanted, parallel, cacheFactor) <= vramBytes
    return fits || contextLength !== undefined ? wanted : Math.min(4_096, wanted)
  }

  #loadKey(request: LoadRequest): string {
    const values = loadTimeKeys.map((key) => request.options[key] ?? null)
    return JSON.stringify([this.#contextLength(request), request.shift, ...values])
  }

  #runner(request: LoadRequest): Runner {
    const { vramBytes, parallel, cacheFactor } = this.#settings
    const contextLength = this.#contextLength(request)
    const sizeBytes = loadedBytes(request.model, contextLength, parallel, cacheFactor)
    return {
      model: request.model,
      loadKey: this.#loadKey(request),
      shift: request.shift,
      contextLength,
      sizeBytes,
      sizeVramBytes: Math.min(sizeBytes, vramBytes),
      active: 0,
      expiresAt: 0,
      lastPrompt: '',
      cancelExpiry: () => {},
    }
  }
}
