import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { startProcess } from '../../../cli/__support__/run-process.ts'
import { NO_POSTGRES, startPostgres } from '../../postgres/start-postgres.ts'
import { startRunpod } from '../../runpod/start.ts'
import { until } from '../__support__/until.ts'

// Real processes share two cores with others; what is waited for is bounded below.
vi.setConfig({ testTimeout: 150_000 })

// `OUTAGE_MS=60000` for a minute; a moment shows the same.
const AWAY_MS = Number(process.env.OUTAGE_MS ?? 1_500)

const answerSchema = z.looseObject({
  id: z.string().optional(),
  state: z.string().optional(),
  outcome: z.string().nullish(),
  detail: z.string().optional(),
  error: z.unknown().optional(),
})

let postgres: Awaited<ReturnType<typeof startPostgres>>
beforeAll(async () => {
  postgres = await startPostgres()
})
afterAll(() => postgres?.stop())

/** `devloop serve --controller-only` on the shared PostgreSQL, and a client with a key of its own. */
async function serve(variables: Readonly<Record<string, string>> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-bad-input-'))
  const runpod = await startRunpod({ podRuntime: 'light', boot: { provisioningMs: 10, startingMs: 10 } })
  const env = {
    DATABASE_URL: postgres?.url() ?? '',
    DEVLOOP_DATA: folder,
    HOST: '127.0.0.1',
    PORT: '0',
    RUNPOD_API_KEY: runpod.apiKey,
    RUNPOD_API_URL: runpod.url,
    RUNPOD_PROXY_URL: runpod.proxyUrl,
    ...variables,
  }
  const made = await startProcess(['keys', 'create', 'me', '--scope', 'infer,control,read', '--json'], folder, env).end
  const { key } = JSON.parse(made.stdout)
  const server = startProcess(['serve', '--controller-only'], folder, env)
  const [url = ''] = await until('the address', () => /http:\/\/127\.0\.0\.1:\d+/.exec(server.stderr()))
  return {
    runpod,
    env,
    /** Lines from `warn` up, and that something is over. */
    told: () =>
      server
        .stderr()
        .split('\n')
        .filter((line) => /"level":"(?:warn|error)"|back/.test(line))
        .map((line) => JSON.parse(line) as { readonly msg: string }),
    async ask(path: string, prompt?: string) {
      const answer = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', prefer: 'respond-async' },
        ...(prompt === undefined ? {} : { method: 'POST', body: JSON.stringify({ prompt }) }),
      })
      return { status: answer.status, body: answerSchema.parse(await answer.json()) }
    },
    async stop() {
      server.kill('SIGTERM')
      const end = await server.end
      await runpod.stop()
      await rm(folder, { recursive: true, force: true })
      return end
    },
  }
}

it('a key that RunPod refuses is told to whoever asks, and once in the log', async ({ skip }) => {
  if (postgres === null) return skip(NO_POSTGRES)
  const wrong = 'rpa_CANARYKEY0123456789'
  const server = await serve({ RUNPOD_API_KEY: wrong })
  try {
    const { body } = await server.ask('/infer', 'hello')
    const { error } = await until('the end of the job', async () => {
      const job = (await server.ask(`/jobs/${body.id}`)).body
      return job.state === 'failed' && job
    })
    expect(error).toMatchObject({
      code: 'unauthorized',
      message: 'RunPod answered 401 to GET /pods: "the API key is missing or invalid".',
      remedy: 'Set RUNPOD_API_KEY to a valid key of this account.',
    })
    expect(server.runpod.pods()).toEqual([])
    expect(server.told().filter(({ msg }) => msg.startsWith('Pods could not be listed'))).toHaveLength(1)
  } finally {
    expect((await server.stop()).stderr).not.toContain(wrong)
  }
})

it('a database that goes away for a while loses no job, is told by /readyz and in one sentence, and is found again', async ({
  skip,
}) => {
  if (postgres === null) return skip(NO_POSTGRES)
  const server = await serve()
  try {
    const before = await server.ask('/infer', 'before')
    expect(before.status).toBe(202)
    await postgres.halt()
    const goneAt = Date.now()
    await until('the server to notice', async () => (await server.ask('/readyz')).status === 503)
    const asked = [await server.ask('/readyz'), await server.ask('/infer', 'meanwhile')]
    for (const { status, body } of asked) {
      expect(status).toBe(503)
      expect(body.detail).toMatch(/^The database cannot be reached \(.+\)\.$/)
    }
    expect((await server.ask('/healthz')).status).toBe(200)
    await until('the end of the outage', () => Date.now() - goneAt >= AWAY_MS, AWAY_MS + 5_000)
    await postgres.restart()
    await until('the server to be ready again', async () => (await server.ask('/readyz')).status === 200)
    const after = await server.ask('/infer', 'after')
    for (const { id } of [before.body, after.body]) {
      await until(`the answer of ${id}`, async () => (await server.ask(`/jobs/${id}`)).body.outcome === 'answered')
    }
    expect(server.told().map(({ msg }) => msg)).toEqual([
      'The database cannot be reached: work waits, nothing new is taken, and all goes on when it is back.',
      'The database is back.',
    ])
  } finally {
    const { code, stderr } = await server.stop()
    expect(code).toBe(0)
    expect(stderr).not.toContain(server.env.RUNPOD_API_KEY)
  }
})
