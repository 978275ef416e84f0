import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { type RunningServer, startServer } from '../../app/main.ts'
import { type DemoWorld, startDemoWorld } from '../../cli/demo/demo-world.ts'
import { SANDBOX_TIMINGS } from '../../cli/sandbox-timings.ts'
import { defaultConfig } from '../../config/resolved-config.ts'
import { readEnvironment } from '../../parts/read-environment.ts'

const valueShape = z.object({ stringValue: z.string(), intValue: z.union([z.string(), z.number()]) }).partial()
const spanShape = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: valueShape })),
})
type Exported = z.infer<typeof spanShape>
const bodyShape = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanShape) })) })),
})

const spans: Exported[] = []
const collector = createServer(async (request, response) => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(Buffer.from(chunk))
  const body = bodyShape.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
  spans.push(...body.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)))
  response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
})
let world: DemoWorld
let server: RunningServer | undefined

beforeAll(async () => {
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve))
  world = await startDemoWorld(undefined)
  const port = (collector.address() as AddressInfo).port
  const config = defaultConfig()
  server = await startServer({
    environment: readEnvironment(
      { ...world.variables, PORT: '0', LOG_LEVEL: 'silent', OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}` },
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
  collector.closeAllConnections()
  await new Promise((resolve) => collector.close(resolve))
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
    const facts = new Map(call.attributes.map(({ key, value }) => [key, value.stringValue ?? Number(value.intValue)]))
    expect(facts.get('gen_ai.operation.name')).toBe('chat')
    expect(facts.get('gen_ai.provider.name')).toBe('ollama')
    expect(facts.get('gen_ai.request.model')).toBe('qwen3-coder:30b')
    expect(facts.get('gen_ai.usage.input_tokens')).toBeGreaterThan(0)
    expect(facts.get('gen_ai.usage.output_tokens')).toBeGreaterThan(0)
    expect(facts.has('gen_ai.input.messages')).toBe(false)
  }
  const all = JSON.stringify(spans)
  for (const secret of [world.variables.RUNPOD_API_KEY, world.variables.WEBHOOK_SECRET])
    if (secret) expect(all).not.toContain(secret)
}, 60_000)
