import { join } from 'node:path'
import { createGithubApp } from '../adapters/github/github-app.ts'
import { createMoneyJournal } from '../adapters/journal/money-journal.ts'
import { prepareDirectory } from '../adapters/postgres/data-directory.ts'
import { openStore } from '../adapters/postgres/open-store.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import { createSystemLog } from '../adapters/system/system-log.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import type { Environment } from '../config/environment.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { DirectEngines } from '../fleet/direct-engines.ts'
import { FleetEngines } from '../fleet/engines.ts'
import type { FleetParts } from '../fleet/parts.ts'
import type { FleetPolicy } from '../fleet/policy.ts'
import type { FleetTimings } from '../fleet/timings.ts'
import type { Clock, Random } from '../ports/clock.ts'
import { GithubError } from '../ports/errors.ts'
import type { GithubApp } from '../ports/github.ts'
import type { Log } from '../ports/log.ts'
import type { Engines } from '../ports/model.ts'
import type { Queue } from '../ports/queue.ts'
import type { MoneyJournal, Store } from '../ports/store.ts'
import type { Telemetry } from '../ports/telemetry.ts'
import { type CallTally, createCallTally } from './call-tally.ts'
import { fleetPolicyOf } from './fleet-policy.ts'
import { httpFetch } from './http.ts'
import { localInstallId, sharedInstallId } from './install-id.ts'
import { connectWith } from './models.ts'
import { clockUntil } from './clock-until.ts'
import { createRunpodParts } from './runpod.ts'
import { openTelemetry } from './telemetry.ts'
import { tracedEngines } from './traced-engines.ts'
import { tracedFetch } from './traced-fetch.ts'

/** Somebody else's Ollama queues by itself. */
const DIRECT_PARALLEL = 4

export interface ServerWish {
  readonly environment: Environment
  readonly config: ResolvedConfig
  /** Of the product, as traces name it. */
  readonly version: string
  readonly logFormat: 'json' | 'text'
  readonly colour: boolean
  readonly writeLog?: (line: string) => void
  /** Paces for an emulated account. */
  readonly fleet?: { readonly timings?: Partial<FleetTimings>; readonly podEnv?: Readonly<Record<string, string>> }
}

/** The outside world of the server, behind ports. */
export interface ServerParts {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly store: Store
  readonly queue: Queue
  readonly journal: MoneyJournal
  /** The embedded database was torn and an empty one took its place. */
  readonly recovered: boolean
  /** Null without App credentials. */
  readonly github: GithubApp | null
  /** What was asked of GitHub so far. */
  readonly githubCalls: CallTally
  readonly engines: Engines
  readonly telemetry: Telemetry
  /** Null when the engine is a fixed Ollama: nothing is rented. */
  readonly fleet: { readonly parts: FleetParts; readonly policy: FleetPolicy } | null
  readonly installId: string
  /** Ends what waits for GitHub to allow it: such a wait takes up to a minute, and this process is to end. What waited comes again. */
  endWaits(): void
  close(graceMs: number): Promise<void>
}

export async function openServerParts(wish: ServerWish): Promise<ServerParts> {
  const { environment, config } = wish
  const random = createSystemRandom()
  const ownLog = createSystemLog({
    level: environment.LOG_LEVEL,
    format: wish.logFormat,
    colour: wish.colour,
    ...(wish.writeLog === undefined ? {} : { write: wish.writeLog }),
  })
  const dataDir = environment.DEVLOOP_DATA
  await prepareDirectory(dataDir)
  const telemetry = await openTelemetry(environment, wish.version)
  let waiting: () => string | null = () => null
  const ownInstallId = await localInstallId(environment, random)
  const { store, queue, recovered, log, clock, close } = await openStore({
    databaseUrl: environment.DATABASE_URL?.reveal(),
    dataDir: join(dataDir, 'pg'),
    clock: systemClock,
    random,
    log: ownLog,
  })
  try {
    const installId = await sharedInstallId(environment, ownInstallId, store.facts)
    const githubCalls = createCallTally()
    const journal = createMoneyJournal(dataDir)
    const world = { clock, random, log }
    const engine = environment.DEVLOOP_ENGINE
    const fleet = engine === 'runpod' ? fleetOf(wish, { ...world, store, journal, installId }) : null
    const plain = fleet ? new FleetEngines(fleet.parts, fleet.policy) : directEngines(engine, world)
    const engines = tracedEngines(plain, telemetry, {
      withPrompts: environment.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
    })
    waiting = engines.waiting
    const ending = new AbortController()
    const endWaits = () => ending.abort(processEnds())
    return {
      ...world,
      store,
      queue,
      journal,
      recovered,
      github: githubOf(environment, { ...world, clock: clockUntil(clock, ending.signal), telemetry }, githubCalls),
      githubCalls,
      engines,
      telemetry,
      fleet,
      installId,
      endWaits,
      async close(graceMs) {
        endWaits()
        await close(graceMs)
        await telemetry.close()
      },
    }
  } catch (error) {
    await close(0)
    throw error
  }

  function fleetOf(
    { fleet }: ServerWish,
    world: {
      readonly clock: Clock
      readonly random: Random
      readonly log: Log
      readonly store: Store
      readonly journal: MoneyJournal
      readonly installId: string
    },
  ) {
    const rentFetch = tracedFetch(httpFetch, telemetry, { name: 'runpod', parentOf: () => waiting() })
    const { key, ...runpod } = createRunpodParts(environment, { ...world, fetch: rentFetch }, config.fleet)
    const parts: FleetParts = {
      ...runpod,
      ...world,
      connect: connectWith(world),
      holder: random.ulid(clock.now()),
      holderPid: process.pid,
      tokenSecret: key.reveal(),
    }
    return {
      parts,
      policy: fleetPolicyOf(config, { installId: world.installId, apiUrl: environment.RUNPOD_API_URL, ...fleet }),
    }
  }
}

function directEngines(url: string, world: { readonly clock: Clock; readonly random: Random }): Engines {
  return new DirectEngines({
    address: { url, token: null },
    connect: connectWith(world),
    clock: world.clock,
    parallel: DIRECT_PARALLEL,
  })
}

function processEnds(): GithubError {
  return new GithubError({
    code: 'unavailable',
    owner: 'retry',
    message: 'A call to GitHub waited for its turn when this process was told to end, and was not sent.',
    remedy: 'It is made again by the next process.',
  })
}

function githubOf(
  environment: Environment,
  { telemetry, ...world }: { readonly clock: Clock; readonly log: Log; readonly telemetry: Telemetry },
  calls: CallTally,
): GithubApp | null {
  const { APP_ID: appId, PRIVATE_KEY: privateKey, WEBHOOK_SECRET: secret } = environment
  if (appId === undefined || privateKey === undefined || secret === undefined) return null
  return createGithubApp({
    appId,
    privateKey: privateKey.reveal(),
    baseUrl: environment.GITHUB_API_URL,
    fetch: tracedFetch(httpFetch, telemetry, { name: 'github' }) as unknown as typeof fetch,
    onCall: (call) => calls.count(call),
    ...world,
  })
}
