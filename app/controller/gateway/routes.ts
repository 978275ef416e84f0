import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { ApiKeyRow } from '../../../ports/store.ts'
import { type ControllerEnv, requireScope } from '../auth.ts'
import { RequestRefused } from '../problem.ts'
import { tracedRequest } from '../traced-request.ts'
import { callEngine, type GatewayParts } from './call.ts'
import { listModels, passThrough } from './catalogue.ts'
import { MODEL_PATHS, normaliseBody } from './native.ts'
import { toOpenAiEmbeddings, toOpenAiEvents, toOpenAiObject } from './openai-answer.ts'
import { nativeChatBody, openAiChatRequest } from './openai-request.ts'
import { errorResponse } from './respond.ts'
import { ollamaLines, ollamaObject, openAiEvents, openAiObject, type Wire } from './wire.ts'

const PATHS = [
  ...MODEL_PATHS,
  '/api/show',
  '/api/tags',
  '/api/version',
  '/v1/chat/completions',
  '/v1/embeddings',
  '/v1/models',
]
const MAX_BODY_BYTES = 25 * 1024 * 1024

const embeddingsRequest = z.object({
  model: z.string().min(1),
  input: z.union([z.string(), z.array(z.string())]),
  dimensions: z.number().int().positive().nullish(),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})

/** Ollama's and OpenAI's own protocols, served from pods that come and go behind them. */
export function gatewayRoutes(
  parts: GatewayParts,
  findKey: (key: string) => Promise<ApiKeyRow | undefined>,
): Hono<ControllerEnv> {
  const app = new Hono<ControllerEnv>()
  app.onError((error, context) =>
    errorResponse(error, context.req.path.startsWith('/v1/') ? openAiObject : ollamaObject),
  )
  const scope = requireScope('infer', findKey)
  const traced = tracedRequest(parts.tracing.telemetry, PATHS)
  app.use('/api/*', scope, traced)
  app.use('/v1/*', scope, traced)
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new RequestRefused(413, 'body-too-large', 'The body is larger than 25 MB.', 'Send less at once.')
    },
  })

  for (const path of MODEL_PATHS) {
    app.post(path, limit, async (context) => {
      const body = await readObject(context)
      const model = modelOf(body, parts.defaultModel)
      const streams = body.stream !== false && path !== '/api/embed'
      const call = {
        key: context.get('key'),
        model,
        path,
        wire: streams ? ollamaLines : ollamaObject,
        signal: context.req.raw.signal,
      }
      return callEngine({ ...call, body: normaliseBody(path, { ...body, model }, parts.loadOptionsOf(model)) }, parts)
    })
  }

  app.post('/v1/chat/completions', limit, async (context) => {
    const request = parse(openAiChatRequest, await readObject(context))
    const body = normaliseBody('/api/chat', nativeChatBody(request), parts.loadOptionsOf(request.model))
    const now = parts.clock.now()
    const frame = {
      id: `chatcmpl-${now.toString(36)}`,
      model: request.model,
      createdSeconds: Math.floor(now / 1000),
      includeUsage: request.stream_options?.include_usage === true,
    }
    const wire: Wire = request.stream ? openAiEvents : openAiObject
    const translate = (bytes: AsyncIterable<Uint8Array>) =>
      request.stream ? toOpenAiEvents(bytes, frame) : toOpenAiObject(bytes, frame)
    return callEngine(
      {
        key: context.get('key'),
        model: request.model,
        path: '/api/chat',
        body,
        wire,
        signal: context.req.raw.signal,
        translate,
      },
      parts,
    )
  })

  app.post('/v1/embeddings', limit, async (context) => {
    const request = parse(embeddingsRequest, await readObject(context))
    const native = {
      model: request.model,
      input: request.input,
      ...(request.dimensions ? { dimensions: request.dimensions } : {}),
    }
    const body = normaliseBody('/api/embed', native, parts.loadOptionsOf(request.model))
    const translate = (bytes: AsyncIterable<Uint8Array>) =>
      toOpenAiEmbeddings(bytes, request.encoding_format === 'base64')
    const call = {
      key: context.get('key'),
      model: request.model,
      path: '/api/embed',
      body,
      wire: openAiObject,
      translate,
    }
    return callEngine({ ...call, signal: context.req.raw.signal }, parts)
  })

  app.get('/api/tags', async (context) => context.json({ models: await listModels(parts, context.get('key')) }))
  app.get('/api/version', (context) => passThrough(parts, '/api/version', context.req.raw.signal, { version: '0.0.0' }))
  app.post('/api/show', limit, async (context) => {
    const body = await readObject(context)
    const call = {
      key: context.get('key'),
      model: modelOf(body, parts.defaultModel),
      path: '/api/show',
      body,
      wire: ollamaObject,
    }
    return callEngine({ ...call, signal: context.req.raw.signal }, parts)
  })
  app.get('/v1/models', async (context) => {
    const models = await listModels(parts, context.get('key'))
    return context.json({
      object: 'list',
      data: models.map((model) => ({ id: model.name, object: 'model', created: 0, owned_by: 'library' })),
    })
  })
  const unknown = () => {
    throw new RequestRefused(
      404,
      'not-found',
      'The gateway does not offer this path.',
      'It offers chat, generate, embed, tags, show, version and the OpenAI routes.',
    )
  }
  app.all('/api/*', unknown)
  app.all('/v1/*', unknown)
  return app
}

async function readObject(context: Context<ControllerEnv>): Promise<Record<string, unknown>> {
  const text = await context.req.text()
  if (text.trim() === '') throw new RequestRefused(400, 'invalid-body', 'missing request body', '')
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (error) {
    throw new RequestRefused(
      400,
      'invalid-body',
      `The body is no JSON: ${error instanceof Error ? error.message : String(error)}.`,
      '',
    )
  }
  return parse(z.record(z.string(), z.unknown()), parsed)
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new RequestRefused(
    400,
    'invalid-body',
    `${issue?.path.join('.') || 'The body'}: ${issue?.message ?? 'does not fit'}.`,
    '',
  )
}

function modelOf(body: Readonly<Record<string, unknown>>, fallback: string): string {
  const model = body.model ?? fallback
  if (typeof model !== 'string' || model === '') throw new RequestRefused(400, 'invalid-body', 'model is required', '')
  return model
}
