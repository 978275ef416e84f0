import type { Hono } from 'hono'
import { createGithubApp } from '../../../adapters/github/github-app.ts'
import { createMemoryQueue } from '../../../adapters/memory/memory-queue.ts'
import { OllamaEngine } from '../../../adapters/ollama/engine.ts'
import { type AppRoom, createAppRoom } from '../../../app/app-room.ts'
import { createControllerRoom } from '../../../app/controller-room.ts'
import type { Environment } from '../../../config/environment.ts'
import type { ResolvedConfig } from '../../../config/resolved-config.ts'
import { FleetEngines } from '../../../fleet/engines.ts'
import type { FleetParts } from '../../../fleet/parts.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { reconcile } from '../../../fleet/reconcile.ts'
import { giveHint } from '../../../fleet/requests.ts'
import { createJobRunner } from '../../../jobs/runner.ts'
import { createCallTally } from '../../../parts/call-tally.ts'
import type { ServerParts } from '../../../parts/server-parts.ts'
import type { Clock, Random } from '../../../ports/clock.ts'
import type { Log } from '../../../ports/log.ts'
import type { MoneyJournal, Store } from '../../../ports/store.ts'
import { silentTelemetry } from '../../../ports/telemetry.ts'
import { Life } from '../chaos/life.ts'
import type { VirtualRunpod } from '../chaos/virtual-runpod.ts'
import type { Forge } from './forge.ts'
import { createModelFetch } from './soak-model.ts'
import type { SoakWeather } from './soak-weather.ts'

const HINT_MS = 5 * 60_000
const GRACE_MS = 6_000
/** The real limits wait by the machine's own clock; they have tests of their own. */

export interface SoakWorld {
  readonly clock: Clock
  readonly random: Random
  readonly weather: SoakWeather
  readonly store: Store
  readonly journal: MoneyJournal
  readonly forge: Forge
  readonly runpod: VirtualRunpod
  readonly environment: Environment
  readonly config: ResolvedConfig
  readonly policy: FleetPolicy
  readonly privateKey: string
  readonly log: Log
  /** A bug of the product or of this harness must not pass as a quiet process. */
  readonly guarded: (work: Promise<unknown>) => Promise<void>
}

/** One life of the server: the real rooms, put together as `app/main.ts` does, over a world that outlives it. */
export class SoakServer {
  readonly #world: SoakWorld
  readonly #life = new Life()
  readonly #over = new AbortController()
  readonly #unlisten: (() => void)[] = []
  #stop: () => Promise<void> = async () => {}
  #rooms: readonly Hono<never>[] = []
  webhook: AppRoom['webhook'] | undefined

  constructor(world: SoakWorld) {
    this.#world = world
  }

  async start(): Promise<void> {
    const { world } = { world: this.#world }
    const parts = this.#parts()
    const { store, queue, clock, log } = parts
    const runner = createJobRunner({ store, queue, clock, log })
    const { environment, config } = world
    const publicUrl = () => 'https://devloop.test'
    const hint = (subject: string, kind: string) =>
      void giveHint(parts, { kind, subject, until: clock.now() + HINT_MS }).catch(() => {})
    const controller = createControllerRoom({
      parts,
      environment,
      config,
      version: '0.0.0',
      runner,
      isDraining: () => false,
    })
    const appRoom = await createAppRoom({ parts, environment, config, runner, publicUrl, hint })
    await runner.start()
    if (parts.fleet !== null) void world.guarded(reconcile(parts.fleet.parts, parts.fleet.policy, this.#over.signal))
    await appRoom?.begin()
    this.#rooms = controller.rooms
    this.webhook = appRoom?.webhook
    this.#stop = async () => {
      await controller.close()
      await queue.stop(GRACE_MS)
      runner.close()
      this.#over.abort(new Error('the server stops'))
    }
  }

  /** A request to the controller, as it comes over HTTP. */
  async ask(path: string, init: RequestInit): Promise<Response | undefined> {
    for (const room of this.#rooms) {
      const answer = await room.request(path, init)
      if (answer.status !== 404) return answer
    }
    return undefined
  }

  /** SIGTERM: running work is put down for the next life. */
  async stop(): Promise<void> {
    this.webhook = undefined
    await this.#stop()
    this.#end()
  }

  /** SIGKILL: whatever was about to happen never does. */
  kill(): void {
    this.webhook = undefined
    this.#life.kill()
    this.#end()
  }

  #end(): void {
    this.#rooms = []
    this.#life.kill()
    for (const unlisten of this.#unlisten) unlisten()
  }

  #parts(): ServerParts {
    const world = this.#world
    const life = this.#life
    const clock = life.gate(world.clock)
    const { random, log } = world
    // The store outlives the process, and so would its listeners.
    const shared: Store = {
      ...world.store,
      listen: (channel, listener) => {
        const unlisten = world.store.listen(channel, listener)
        this.#unlisten.push(unlisten)
        return unlisten
      },
    }
    const store = life.gate(shared)
    const journal = life.gate(world.journal)
    const githubCalls = createCallTally()
    const forgeFetch = async (url: string, init: { method?: string; body?: unknown }) => {
      await life.running()
      const answer = await world.forge.fetch(url, init).finally(() => life.running())
      return answer
    }
    const github = createGithubApp({
      appId: 1,
      privateKey: world.privateKey,
      baseUrl: 'https://forge.test',
      fetch: forgeFetch as unknown as typeof fetch,
      clock,
      log,
      onCall: (call) => githubCalls.count(call),
    })
    const modelFetch = createModelFetch(clock, world.runpod, world.weather)
    const holder = random.ulid(clock.now())
    const fleetParts: FleetParts = {
      store,
      provider: life.gate(world.runpod),
      market: null,
      guard: life.gate(world.runpod),
      journal,
      connect: (address) => new OllamaEngine({ fetch: modelFetch, clock, random }, address),
      clock,
      random,
      log,
      holder,
      holderPid: null,
      tokenSecret: 'soak',
    }
    return {
      clock,
      random,
      log,
      store,
      queue: createMemoryQueue({ clock }),
      journal,
      recovered: false,
      github,
      githubCalls,
      engines: new FleetEngines(fleetParts, world.policy),
      telemetry: silentTelemetry,
      fleet: { parts: fleetParts, policy: world.policy },
      installId: world.policy.installId,
      endWaits: () => {},
      close: async () => {},
    }
  }
}
