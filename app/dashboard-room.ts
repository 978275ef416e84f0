import type { Environment } from '../config/environment.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { requestStart, requestStop } from '../fleet/requests.ts'
import { httpFetch } from '../parts/http.ts'
import type { ServerParts } from '../parts/server-parts.ts'
import { modelSettings } from '../review/models.ts'
import { createKeyring } from './controller/keys.ts'
import { dashboardScopes } from './dashboard/github-scopes.ts'
import type { DashboardGithub, DashboardStatus } from './dashboard/parts.ts'
import { createDashboard, type Dashboard } from './dashboard/routes.ts'

export interface DashboardRoomOptions {
  readonly parts: ServerParts
  readonly environment: Environment
  readonly config: ResolvedConfig
  readonly version: string
  readonly readStatus: () => Promise<DashboardStatus>
}

/** The dashboard over this server's store; its buttons are wishes in the store, which whichever replica drives the pods carries out. */
export function createDashboardRoom(options: DashboardRoomOptions): Dashboard {
  const { parts, environment, config } = options
  const { store, queue, clock, random, log } = parts
  const { model } = config.review
  return createDashboard({
    store,
    queue,
    clock,
    random,
    log,
    version: options.version,
    startedAt: clock.now(),
    budget: config.budget,
    idle: config.fleet.idle,
    defaultModel: model,
    engine: environment.DEVLOOP_ENGINE,
    githubWebUrl: parts.github === null ? null : webUrlOf(environment),
    recovered: parts.recovered,
    readStatus: options.readStatus,
    findKey: createKeyring({ keys: store.keys, clock }),
    fleet: {
      start: () =>
        requestStart(parts, {
          model,
          load: modelSettings(model).load,
          keepMs: config.fleet.idle.maxMinutes * 60_000,
        }),
      stop: ({ force, by }) => requestStop(parts, { force, reason: `asked for on the dashboard by ${by}` }),
    },
    github: githubLogin(options),
    publicUrl: environment.PUBLIC_URL ?? null,
    sessionPepper: pepperOf(environment),
  })
}

/** The same for every replica, and in no table; empty only where the server has no secret at all. */
function pepperOf({ WEBHOOK_SECRET, RUNPOD_API_KEY }: Environment): string {
  return [WEBHOOK_SECRET, RUNPOD_API_KEY].map((secret) => secret?.reveal() ?? '').join('\n')
}

function githubLogin({ parts, environment, config }: DashboardRoomOptions): DashboardGithub | null {
  const { github } = parts
  const { CLIENT_ID: clientId, CLIENT_SECRET: clientSecret, GITHUB_API_URL: apiUrl } = environment
  if (github === null || clientId === undefined || clientSecret === undefined) return null
  return {
    clientId,
    clientSecret,
    apiUrl,
    fetch: httpFetch as unknown as DashboardGithub['fetch'],
    scopesOf: (login, organizations) => dashboardScopes(github, config.access, login, organizations),
  }
}

/** GitHub Enterprise serves its API under its pages; github.com has a host of its own for it. */
function webUrlOf({ GITHUB_WEB_URL: given, GITHUB_API_URL: apiUrl }: Environment): string {
  if (given !== undefined) return given
  const { origin, hostname } = new URL(apiUrl)
  return hostname === 'api.github.com' ? 'https://github.com' : origin
}
