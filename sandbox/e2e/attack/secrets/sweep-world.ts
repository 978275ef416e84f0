import { vi } from 'vitest'
import { type RunningServer, startServer } from '../../../../app/main.ts'
import { createKey } from '../../../../app/controller/keys.ts'
import { defaultConfig } from '../../../../config/resolved-config.ts'
import { readEnvironment } from '../../../../parts/read-environment.ts'
import { type SandboxWorld, startSandboxWorld } from '../../__support__/sandbox-world.ts'
import { FAST_TIMINGS } from '../../chaos/fast-timings.ts'
import { type Canary, linesOfKey, shapeless } from './canary.ts'
import type { Evidence } from './find-hits.ts'
import { type RecordingProxy, startRecordingProxy } from './recording-proxy.ts'

/** An account where nothing has to settle. */
const QUICK = {
  ...FAST_TIMINGS,
  tickMs: 40,
  idleTickMs: 200,
  listMs: 40,
  steadyListMs: 200,
  sweepListMs: 200,
  warmPollMs: 20,
  absenceMs: 60,
  sightingMs: 500,
  youngMs: 1_500,
  firstDeleteRetryMs: 50,
  provisionMs: 20_000,
  guardMs: 20_000,
  modelMs: 20_000,
}

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

export interface SweepWorld extends SandboxWorld {
  readonly server: RunningServer
  readonly vendors: Readonly<Record<'github' | 'githubWeb' | 'runpod' | 'collector' | 'chat', RecordingProxy>>
  readonly logs: readonly string[]
  readonly apiKey: string
  readonly canaries: () => readonly Canary[]
  /** What the vendors were told, but for the header and the field that are for the secret. */
  readonly told: () => readonly Evidence[]
  stopServer(): Promise<void>
}

/** The whole product between recording proxies; every secret it is given is a canary. */
export async function startSweepWorld(): Promise<SweepWorld> {
  const runpodKey = shapeless()
  const world = await startSandboxWorld({ apiKey: runpodKey, boot: { provisioningMs: 20, startingMs: 20 } })
  const secrets = {
    RUNPOD_API_KEY: runpodKey,
    WEBHOOK_SECRET: shapeless(),
    CLIENT_SECRET: world.registration.clientSecret,
    CONTROLLER_KEY: shapeless(),
    OTEL_EXPORTER_OTLP_HEADERS: shapeless(),
    ALERT_WEBHOOK_URL: shapeless(),
    HF_TOKEN: shapeless(),
  }
  world.registration.webhookSecret = secrets.WEBHOOK_SECRET
  const [github, githubWeb, runpod, collector, chat] = await Promise.all([
    startRecordingProxy(world.github.url),
    startRecordingProxy(world.github.webUrl),
    startRecordingProxy(new URL(world.runpod.url).origin),
    startRecordingProxy(null),
    startRecordingProxy(null),
  ])
  const vendors = { github, githubWeb, runpod, collector, chat }
  const at = (url: string) => url.replace(new URL(world.runpod.url).origin, runpod.url)
  const variables = {
    ...world.variables,
    WEBHOOK_SECRET: secrets.WEBHOOK_SECRET,
    GITHUB_API_URL: github.url,
    GITHUB_WEB_URL: githubWeb.url,
    RUNPOD_API_URL: at(world.runpod.url),
    RUNPOD_PROXY_URL: at(world.runpod.proxyUrl),
    CLIENT_ID: world.registration.clientId,
    CLIENT_SECRET: secrets.CLIENT_SECRET,
    CONTROLLER_KEY: secrets.CONTROLLER_KEY,
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_EXPORTER_OTLP_HEADERS: `x-otlp-key=${secrets.OTEL_EXPORTER_OTLP_HEADERS}`,
    OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT: 'true',
    ALERT_WEBHOOK_URL: `${chat.url}/services/${secrets.ALERT_WEBHOOK_URL}`,
    LOG_LEVEL: 'trace',
  }
  const logs: string[] = []
  const config = defaultConfig()
  const server = await startServer({
    environment: readEnvironment(variables, world.folder),
    // One warm pod serves the whole run.
    config: { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'fixed', maxMinutes: 10 } } },
    controllerOnly: false,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
    writeLog: (line) => logs.push(line),
    fleet: { timings: QUICK, podEnv: { HF_TOKEN: secrets.HF_TOKEN } },
  })
  world.github.setWebhookUrl(world.registration, `${server.url}/api/github/webhooks`)
  const { key } = await createKey(
    { name: 'sweep', scopes: ['infer', 'control', 'read'], models: null, monthlyMicroUsd: null },
    { ...server.parts, keys: server.parts.store.keys },
  )
  let isRunning = true
  const stopServer = async () => {
    if (isRunning) await server.stop()
    isRunning = false
  }
  return {
    ...world,
    variables,
    server,
    vendors,
    logs,
    apiKey: key,
    canaries: () => [
      ...Object.entries(secrets).map(([name, value]) => ({ name, value })),
      ...linesOfKey('PRIVATE_KEY', world.registration.privateKeyPem),
      { name: 'API key', value: key },
      ...seenCanaries(vendors),
    ],
    told: () => toldTo(vendors),
    stopServer,
    async stop() {
      await stopServer()
      await world.stop()
      await Promise.all(Object.values(vendors).map((proxy) => proxy.stop()))
    },
  }
}

/** Secrets that are made on the way: the App's own tokens, those of its installations, of people who log in, and of pods. */
function seenCanaries({ github, githubWeb, runpod }: SweepWorld['vendors']): readonly Canary[] {
  const tokens = new Set(github.requests.map(({ headers }) => headers.authorization?.replace(/^\w+ /, '') ?? ''))
  const pods = runpod.requests.flatMap(({ body }) => /"GUARD_TOKEN":"(\w+)"/.exec(body)?.[1] ?? [])
  const people = githubWeb.replies.flatMap(({ body }) => /"access_token":"(\w+)"/.exec(body)?.[1] ?? [])
  const isJwt = (token: string) => token.split('.').length === 3
  return [
    // The head of every one is the same, and says nothing.
    ...[...tokens].filter(isJwt).map((token) => ({ name: "the App's token", value: token.split('.')[2] ?? '' })),
    ...[...tokens]
      .filter((token) => token !== '' && !isJwt(token))
      .map((value) => ({ name: 'installation token', value })),
    ...pods.map((value) => ({ name: 'pod token', value })),
    ...people.map((value) => ({ name: "a person's token", value })),
  ]
}

function toldTo(vendors: SweepWorld['vendors']): readonly Evidence[] {
  return Object.entries(vendors).flatMap(([vendor, { requests }]) =>
    requests.map(({ method, path, headers, body }) => {
      const { authorization: _own, 'x-otlp-key': _key, ...others } = headers
      const isCreate = vendor === 'runpod' && path.endsWith('/pods')
      const shownPath = vendor === 'chat' ? '/services' : path
      const shown = isCreate ? body.replace(/"env":\{[^}]*\}/, '') : withoutSecret(body, vendor)
      return { source: `${vendor} ${method} ${shownPath}`, text: `${shownPath}\n${JSON.stringify(others)}\n${shown}` }
    }),
  )
}

/** The exchange of a log-in is where the client's secret belongs. */
function withoutSecret(body: string, vendor: string): string {
  return vendor === 'githubWeb' ? body.replace(/"client_secret":"\w+"/, '') : body
}
