import type { Hono } from 'hono'
import type { Environment } from '../config/environment.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { createInferJob } from '../jobs/infer-job.ts'
import { inferJobParts } from '../jobs/infer-on-pull-request.ts'
import type { JobRunner } from '../jobs/runner.ts'
import { readPolicyInForce } from '../jobs/snapshot/policy-in-force.ts'
import { httpFetch } from '../parts/http.ts'
import type { ServerParts } from '../parts/server-parts.ts'
import { StoreError } from '../ports/errors.ts'
import { jobId } from '../ports/ids.ts'
import { listKnownModels, modelSettings } from '../review/models.ts'
import { createEngineShare } from './controller/engine-share.ts'
import { createFleetControl, fixedEngineControl } from './controller/fleet-control.ts'
import { gatewayRoutes } from './controller/gateway/routes.ts'
import { createKeyBudget } from './controller/key-budget.ts'
import { createKeyring } from './controller/keys.ts'
import type { ControllerParts } from './controller/parts.ts'
import { controllerRoutes } from './controller/routes.ts'
import { createStatusReader, startOfMonth } from './controller/status.ts'
import { createUsageLog } from './controller/usage-log.ts'

export interface ControllerRoomOptions {
  readonly parts: ServerParts
  readonly environment: Environment
  readonly config: ResolvedConfig
  readonly version: string
  readonly runner: JobRunner
  readonly isDraining: () => boolean
}

const WAIT_MS = 20 * 60_000
const INFER_DEADLINE_MS = 3_600_000

/** REST controller and gateway over the fleet. */
export function createControllerRoom(options: ControllerRoomOptions) {
  const { parts, config, runner } = options
  const { store, queue, clock, random, log, engines, github } = parts
  runner.define(
    createInferJob(
      inferJobParts({
        github,
        engines,
        clock,
        log,
        config,
        policyAt: async (repository, baseSha) =>
          (await readPolicyInForce(repository, store.facts, { ref: baseSha, branch: baseSha })).config,
      }),
    ),
  )
  const loadOptionsOf = (model: string) => modelSettings(model).load
  const share = createEngineShare({ engines, clock, random, loadOptionsOf })
  const usage = createUsageLog({ store, clock, random, log })
  const findKey = createKeyring({ keys: store.keys, clock })
  const gateway = {
    share,
    usage,
    clock,
    fetch: httpFetch as unknown as (url: string, init: RequestInit) => Promise<Response>,
    tracing: {
      telemetry: parts.telemetry,
      withPrompts: options.environment.OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT,
    },
    defaultModel: config.review.model,
    offeredModels: [...new Set([config.review.model, ...listKnownModels().map((model) => model.tag)])],
    fixedEngine: parts.fleet === null ? { url: options.environment.DEVLOOP_ENGINE, token: null } : null,
    loadOptionsOf,
    budget: createKeyBudget({ facts: store.facts, jobs: store.jobs, clock, random, startOfMonth }),
    perRequestMicroUsd: config.budget.perJobMicroUsd,
    waitMs: WAIT_MS,
  }
  const readStatus = createStatusReader({ store, queue, clock, budget: config.budget })
  const controllerParts: ControllerParts = {
    store,
    gateway,
    fleet: parts.fleet === null ? fixedEngineControl : createFleetControl(parts, { config, loadOptionsOf }),
    clock,
    random,
    log,
    version: options.version,
    createInferJob: async (request) => {
      const now = clock.now()
      const id = jobId.parse(random.ulid(now))
      const { requestedBy, maxCostMicroUsd, maxCostUsd: _usd, stream: _stream, ...wish } = request
      await runner.createJob({
        id,
        kind: 'infer',
        key: `infer:${id}`,
        repository: null,
        installationId: null,
        pullRequest: null,
        headSha: null,
        requestedBy,
        request: JSON.parse(JSON.stringify({ ...wish, maxCostMicroUsd })),
        createdAt: now,
        deadlineAt: now + INFER_DEADLINE_MS,
      })
      return id
    },
    countRunning: async () => {
      const { review, infer } = await queue.depth()
      return review.active + infer.active + share.inUse()
    },
    readStatus,
    assertReady: async () => {
      if (options.isDraining()) {
        throw new StoreError({
          code: 'unavailable',
          owner: 'retry',
          message: 'The server is stopping.',
          remedy: 'Ask another replica.',
        })
      }
      await store.facts.get('readiness')
    },
    findKey,
  }
  return {
    rooms: [controllerRoutes(controllerParts), gatewayRoutes(gateway, findKey)] as unknown as readonly Hono<never>[],
    readStatus,
    async close(): Promise<void> {
      await share.closeAll()
      await usage.drain()
    },
  }
}
