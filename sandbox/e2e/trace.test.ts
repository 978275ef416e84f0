import { afterAll, beforeAll, expect, it } from 'vitest'
import { type RunningServer, startServer } from '../../app/main.ts'
import { type DemoWorld, startDemoWorld } from '../../cli/demo/demo-world.ts'
import { SANDBOX_TIMINGS } from '../../parts/emulated-account.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { attributesOf, startCollector } from './__support__/start-collector.ts'

let collector: Awaited<ReturnType<typeof startCollector>>
let world: DemoWorld
let server: RunningServer | undefined

beforeAll(async () => {
  collector = await startCollector()
  world = await startDemoWorld(undefined)
  const config = defaultConfig()
  server = await startServer({
    environment: readEnvironment(
      { ...world.variables, PORT: '0', LOG_LEVEL: 'silent', OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
      world.folder,
    ),
    config: { ...config, fleet: { ...config.fleet, idle: { ...config.fleet.idle, policy: 'immediate' } } },
    controllerOnly: false,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
    fleet: { timings: SANDBOX_TIMINGS },
  })
  world.setWebhookUrl(`${server.url}/api/github/webhooks`)
}, 60_000)
afterAll(async () => {
  await server?.stop()
  await world?.stop()
  await collector?.stop()
})

it('one review is one trace from its delivery to what was posted, without a prompt in it', async () => {
  const { github, change } = world
  github.as(change.asker, change.repository).comment(change.number, '/devloop review')
  const newest = async () => (await server?.parts.store.jobs.list({ kind: 'review' }, 1))?.[0]
  for (let tries = 0; tries < 300 && (await newest())?.endedAt == null; tries++)
    await new Promise((resolve) => setTimeout(resolve, 100))
  expect((await newest())?.state).toBe('done')
  await server?.stop()
  server = undefined

  const { spans } = collector
  const job = spans.find(({ name }) => name === 'review job')
  const trace = spans.filter(({ traceId }) => traceId === job?.traceId)
  const names = trace.map(({ name }) => name)
  const root = trace.filter(({ parentSpanId }) => !parentSpanId)
  expect(root.map(({ name }) => name)).toEqual(['delivery issue_comment'])
  const ids = new Set(trace.map(({ spanId }) => spanId))
  expect(trace.filter(({ parentSpanId }) => parentSpanId && !ids.has(parentSpanId))).toEqual([])
  expect(names).toContain('wait for an engine')
  expect(names).toContain('runpod POST /v2/pods')
  expect(names).toContain('github POST /repos/{owner}/{repo}/pulls/{id}/reviews')
  const calls = trace.filter(({ name }) => name.startsWith('chat '))
  expect(calls.length).toBeGreaterThan(1)
  for (const call of calls) {
    const facts = attributesOf(call)
    expect(facts.get('gen_ai.operation.name')).toBe('chat')
    expect(facts.get('gen_ai.provider.name')).toBe('ollama')
    expect(facts.get('gen_ai.request.model')).toBe('qwen3-coder:30b')
    expect(facts.get('gen_ai.response.finish_reasons')).toEqual(['stop'])
    expect(facts.get('gen_ai.usage.input_tokens')).toBeGreaterThan(0)
    expect(facts.get('gen_ai.usage.output_tokens')).toBeGreaterThan(0)
    expect(facts.has('gen_ai.input.messages')).toBe(false)
  }
  const all = JSON.stringify(spans)
  for (const secret of [world.variables.RUNPOD_API_KEY, world.variables.WEBHOOK_SECRET])
    if (secret) expect(all).not.toContain(secret)
}, 60_000)
