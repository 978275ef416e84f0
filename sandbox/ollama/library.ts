import { createHash } from 'node:crypto'
import { z } from 'zod'
import { pause } from './clock.ts'
import { type EmulatedModel, registry, withTag } from './models.ts'
import type { Exchange } from './native.ts'
import { Refusal } from './refusal.ts'
import { LineWriter, sendJson } from './reply.ts'
import { keepAliveMs, parseBody } from './request.ts'
import type { ServerState } from './server-state.ts'
import { standInLabel } from './stand-in/answer.ts'
import { countTokens, tokenize } from './tokens.ts'

const named = z.looseObject({
  model: z.string().optional(),
  name: z.string().optional(),
  stream: z.boolean().nullish(),
})

function tagOf(body: string): string {
  const request = parseBody(named, body)
  const name = request.model ?? request.name ?? ''
  if (name === '') throw new Refusal(400, 'model is required')
  return withTag(name)
}

/** The model, if it is on disk. */
export function findOnDisk(state: ServerState, name: string): EmulatedModel {
  if (name === '') throw new Refusal(400, 'model is required')
  const found = registry.find((model) => model.tag === withTag(name))
  if (found === undefined || !state.onDisk.has(found.tag)) throw new Refusal(404, `model '${name}' not found`)
  return found
}

function digestOf(tag: string, part = ''): string {
  return createHash('sha256').update(`${tag}${part}`).digest('hex')
}

function entry(state: ServerState, model: EmulatedModel) {
  return {
    name: model.tag,
    model: model.tag,
    modified_at: new Date(state.onDisk.get(model.tag) ?? 0).toISOString(),
    size: model.sizeBytes,
    digest: digestOf(model.tag),
    details: details(model),
  }
}

function details(model: EmulatedModel) {
  return {
    parent_model: '',
    format: 'gguf',
    family: model.family,
    families: [model.family],
    parameter_size: model.parameterSize,
    quantization_level: model.quantization,
  }
}

/** GET /api/tags */
export function tags(state: ServerState): unknown {
  return { models: registry.filter((model) => state.onDisk.has(model.tag)).map((model) => entry(state, model)) }
}

/** GET /api/ps */
export function loaded(state: ServerState): unknown {
  const runners = [...state.scheduler.runners.values()]
  return {
    models: runners.map((runner) => ({
      ...entry(state, runner.model),
      size: runner.sizeBytes,
      size_vram: runner.sizeVramBytes,
      expires_at: new Date(Math.min(runner.expiresAt || state.clock.now() + 300_000, 8.64e15)).toISOString(),
      context_length: runner.contextLength,
    })),
  }
}

/** POST /api/show */
export function show(state: ServerState, exchange: Exchange): void {
  const model = findOnDisk(state, tagOf(exchange.body))
  sendJson(exchange.response, 200, {
    modelfile: `# ${standInLabel}\nFROM ${model.tag}`,
    parameters: '',
    template: '{{ .Prompt }}',
    system: '',
    license: standInLabel,
    details: details(model),
    model_info: {
      'general.architecture': model.family,
      'general.name': `${model.tag} (${standInLabel})`,
      [`${model.family}.context_length`]: model.trainedContext,
    },
    capabilities: model.capabilities,
    modified_at: new Date(state.onDisk.get(model.tag) ?? 0).toISOString(),
  })
}

/** DELETE /api/delete */
export function remove(state: ServerState, exchange: Exchange): void {
  const model = findOnDisk(state, tagOf(exchange.body))
  state.onDisk.delete(model.tag)
  exchange.response.writeHead(200).end()
}

/** POST /api/pull: only a final `success` counts; what was fetched before a disconnect stays. */
export async function pull(state: ServerState, exchange: Exchange): Promise<void> {
  const { stream } = parseBody(named, exchange.body)
  const tag = tagOf(exchange.body)
  const model = registry.find((known) => known.tag === tag)
  const unknown = 'pull model manifest: file does not exist'
  if (stream === false) {
    if (model === undefined) throw new Refusal(500, unknown)
    for await (const _ of layers(state, model, exchange));
    return sendJson(exchange.response, 200, { status: 'success' })
  }
  const writer = new LineWriter(exchange.response, 'application/x-ndjson', state.options.chunks)
  const write = (line: unknown): Promise<void> => writer.write(`${JSON.stringify(line)}\n`)
  await write({ status: 'pulling manifest' })
  if (model === undefined) {
    await write({ error: unknown })
    return writer.end()
  }
  for await (const line of layers(state, model, exchange)) {
    await write(line)
    if (exchange.fault?.fault === 'pull-cut') return writer.end()
    if (exchange.fault?.fault === 'pull-stalls') await pause(state.clock, exchange.fault.ms ?? 600_000, exchange.signal)
  }
  await writer.end()
}

async function* layers(state: ServerState, model: EmulatedModel, exchange: Exchange) {
  const small = 1_489
  const parts = 8
  let done = state.onDisk.has(model.tag) ? model.sizeBytes : (state.partial.get(model.tag) ?? 0)
  const weights = `sha256:${digestOf(model.tag, 'weights')}`
  const status = `pulling ${weights.slice(7, 19)}`
  yield { status, digest: weights, total: model.sizeBytes }
  while (done < model.sizeBytes) {
    const step = Math.min(Math.ceil(model.sizeBytes / parts), model.sizeBytes - done)
    await pause(state.clock, (step / state.speed.pullBytesPerSecond) * 1_000, exchange.signal)
    done += step
    state.partial.set(model.tag, done)
    yield { status, digest: weights, total: model.sizeBytes, completed: done }
  }
  const template = `sha256:${digestOf(model.tag, 'template')}`
  yield { status: `pulling ${template.slice(7, 19)}`, digest: template, total: small, completed: small }
  yield { status: 'verifying sha256 digest' }
  yield { status: 'writing manifest' }
  state.onDisk.set(model.tag, state.clock.now())
  state.partial.delete(model.tag)
  state.options.onPulled?.(model.tag)
  yield { status: 'success' }
}

const embedRequest = z.looseObject({
  model: z.string().default(''),
  input: z.union([z.string(), z.array(z.string())]).default([]),
  dimensions: z.number().optional(),
  keep_alive: z.union([z.string(), z.number()]).nullish(),
})

/** The vectors for POST /api/embed and its OpenAI form: words hashed into directions, so alike texts lie close. */
export async function embed(state: ServerState, exchange: Exchange) {
  const startedAt = state.clock.now()
  const request = parseBody(embedRequest, exchange.body)
  const model = findOnDisk(state, request.model)
  const texts = typeof request.input === 'string' ? [request.input] : request.input
  const lease = await state.scheduler.acquire({ model, options: {}, shift: true, signal: exchange.signal })
  state.scheduler.release(lease, keepAliveMs(request.keep_alive))
  return {
    model: request.model,
    embeddings: texts.map((text) => vector(text, request.dimensions ?? 64)),
    total_duration: Math.max(1_000, (state.clock.now() - startedAt) * 1e6),
    load_duration: Math.max(1_000, lease.loadMs * 1e6),
    prompt_eval_count: texts.reduce((sum, text) => sum + countTokens(text), 0),
  }
}

function vector(text: string, dimensions: number): number[] {
  const sums = new Array<number>(dimensions).fill(0)
  for (const token of tokenize(text.toLowerCase())) {
    const digest = createHash('sha256').update(token.trim()).digest()
    const at = digest.readUInt32BE(0) % dimensions
    sums[at] = (sums[at] ?? 0) + (digest[4] ?? 0) / 128 - 1
  }
  const length = Math.hypot(...sums) || 1
  return sums.map((value) => value / length)
}
