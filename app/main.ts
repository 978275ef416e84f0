import type { Hono } from 'hono'
import type { Environment } from '../config/environment.ts'
import { missingVariables } from '../config/environment.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { reconcile } from '../fleet/reconcile.ts'
import { giveHint } from '../fleet/requests.ts'
import type { FleetTimings } from '../fleet/timings.ts'
import { createJobRunner } from '../jobs/runner.ts'
import { closeHttp, httpFetch } from '../parts/http.ts'
import { openServerParts, type ServerParts } from '../parts/server-parts.ts'
import { tracedRunner } from '../parts/traced-runner.ts'
import { CodedError } from '../ports/errors.ts'
import { type AlertParts, watchAlerts } from './alerts/watch-alerts.ts'
import { createAppRoom } from './app-room.ts'
import { createControllerRoom } from './controller-room.ts'
import { createDashboardRoom } from './dashboard-room.ts'
import { metricsRoutes } from './metrics/routes.ts'
import { createServer, listen } from './server.ts'
import { createWebhookListener } from './webhooks/webhook-listener.ts'

export class StartError extends CodedError<'missing-credentials'> {}

export interface StartOptions {
  readonly environment: Environment
  /** What the whole installation may rent and spend. */
  readonly config: ResolvedConfig
  readonly controllerOnly: boolean
  readonly version: string
  readonly logFormat: 'json' | 'text'
  readonly colour: boolean
  readonly writeLog?: (line: string) => void
  readonly fleet?: { readonly timings?: Partial<FleetTimings>; readonly podEnv?: Readonly<Record<string, string>> }
}

export interface RunningServer {
  readonly url: string
  readonly parts: ServerParts
  /** A link that logs in once, for whoever started the server. */
  dashboardLink(validMs: number): string
  /** Takes no new work, lets running answers end for some seconds, records the rest, and leaves nothing running. */
  stop(): Promise<void>
}

/** SIGTERM to exit, all in all: schedulers kill after ten seconds. */
const GRACE_MS = 6_000
const HTTP_GRACE_MS = 1_500
const ENDING_MS = 50
const HINT_MS = 5 * 60_000

/** Starts the server: App, controller, dashboard, workers, and the loop that rents and gives back. */
export async function startServer(options: StartOptions): Promise<RunningServer> {
  const { environment } = options
  assertCredentials(environment, options.controllerOnly)
  const parts = await openServerParts(options)
  const { store, queue, clock, log, fleet } = parts
  const over = new AbortController()
  const runner = tracedRunner(createJobRunner({ store, queue, clock, log }), parts.telemetry, store.facts)
  const publicUrl = () => environment.PUBLIC_URL ?? listening?.url ?? null
  let listening: Awaited<ReturnType<typeof listen>> | undefined
  let isDraining = false
  try {
    const hint = (subject: string, kind: string) =>
      void giveHint(parts, { kind, subject, until: clock.now() + HINT_MS }).catch(() => {})
    const controller = createControllerRoom({ ...options, parts, runner, isDraining: () => isDraining })
    const dashboard = createDashboardRoom({ ...options, parts, readStatus: controller.readStatus })
    const appRoom = await createAppRoom({ parts, environment, config: options.config, runner, publicUrl, hint })
    if (parts.recovered)
      log.error(
        {},
        'The embedded database was torn: an empty one took its place, and pods are swept. Its old files were kept aside.',
      )
    const metrics = metricsRoutes({
      ...parts,
      budget: options.config.budget,
      github: parts.githubCalls,
      readDrift: async () => (await controller.readStatus()).metrics.planDrift,
    })
    const server = createServer([
      ...controller.rooms,
      dashboard.room as unknown as Hono<never>,
      metrics as unknown as Hono<never>,
    ])
    await runner.start()
    const { HOST: host, PORT: port } = environment
    listening = await listen(server, { host, port, webhook: appRoom && createWebhookListener(appRoom.webhook) })
    const loop = fleet === null ? Promise.resolve() : reconcile(fleet.parts, fleet.policy, over.signal)
    const webhookUrl = environment.ALERT_WEBHOOK_URL?.reveal()
    const alerts =
      webhookUrl === undefined
        ? Promise.resolve()
        : watchAlerts(
            { ...parts, budget: options.config.budget, webhookUrl, fetch: httpFetch as unknown as AlertParts['fetch'] },
            over.signal,
          )
    await appRoom?.begin()
    const { url } = listening
    const opened = listening
    return {
      url,
      parts,
      dashboardLink: (validMs) => (environment.PUBLIC_URL ?? url) + dashboard.createLoginPath(validMs),
      async stop() {
        isDraining = true
        dashboard.close()
        const httpClosed = opened.close(HTTP_GRACE_MS)
        await controller.close()
        await httpClosed
        // Right after those that run were told to end.
        const ending = setTimeout(parts.endWaits, GRACE_MS + ENDING_MS)
        await queue.stop(GRACE_MS)
        clearTimeout(ending)
        runner.close()
        over.abort(new Error('the server stops'))
        await Promise.all([loop, alerts])
        await parts.close(0)
        await closeHttp()
      },
    }
  } catch (error) {
    over.abort(error)
    await listening?.close(0)
    runner.close()
    await parts.close(0)
    throw error
  }
}

/** One sentence per missing thing, all at once. */
function assertCredentials(environment: Environment, controllerOnly: boolean): void {
  const missing = missingVariables(environment, {
    app: !controllerOnly,
    runpod: environment.DEVLOOP_ENGINE === 'runpod',
  })
  if (missing.length === 0) return
  throw new StartError({
    code: 'missing-credentials',
    owner: 'user',
    message: `The server was not started.\n${missing.map(({ message }) => `  ${message}`).join('\n')}\n`,
    remedy: 'Set them in the environment or in .env; `devloop doctor` checks each, and `npm run demo` needs none.',
  })
}
