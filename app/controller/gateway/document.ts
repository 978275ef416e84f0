import { type OpenAPIHono, z } from '@hono/zod-openapi'
import type { ControllerEnv } from '../auth.ts'
import { problemSchema } from '../schemas.ts'

const ollamaError = z.object({ error: z.string() }).openapi('OllamaError')
const openAiError = z
  .object({ error: z.object({ message: z.string(), type: z.string(), param: z.null(), code: z.string() }) })
  .openapi('OpenAiError')

const CALL = [400, 401, 402, 403, 404, 413, 429, 502, 503, 504] as const
const LOOK = [401, 403, 503] as const

/** Routes whose shapes are somebody else's: what they are, and which refusals are ours to promise. */
const ROUTES = [
  ['post', '/api/chat', "A chat in Ollama's protocol; JSON lines unless `stream` is false", [...CALL, 422]],
  ['post', '/api/generate', "A completion in Ollama's protocol; JSON lines unless `stream` is false", [...CALL, 422]],
  ['post', '/api/embed', "Embeddings in Ollama's protocol", [...CALL, 422]],
  ['post', '/api/show', "What a model is, in Ollama's protocol", CALL],
  ['get', '/api/tags', "Models, in Ollama's protocol; looking rents nothing", LOOK],
  ['get', '/api/version', 'Version of the warm engine; looking rents nothing', LOOK],
  [
    'post',
    '/v1/chat/completions',
    "A chat in OpenAI's protocol; server-sent events with `stream: true`",
    [...CALL, 422],
  ],
  ['post', '/v1/embeddings', "Embeddings in OpenAI's protocol", CALL],
  ['get', '/v1/models', "Models, in OpenAI's protocol; looking rents nothing", LOOK],
] as const

/** Puts the gateway and the open routes into the OpenAPI document, which `registry` otherwise knows from the routes themselves. */
export function documentGateway({ openAPIRegistry: registry }: OpenAPIHono<ControllerEnv>): void {
  for (const [method, path, summary, refusals] of ROUTES) {
    const error = path.startsWith('/v1/') ? openAiError : ollamaError
    registry.registerPath({
      method,
      path,
      tags: ['Gateway'],
      summary,
      security: [{ bearer: ['infer'] }],
      ...(method === 'get'
        ? {}
        : {
            request: {
              body: {
                required: true,
                content: { 'application/json': { schema: z.looseObject({ model: z.string() }) } },
              },
            },
          }),
      responses: {
        200: { description: 'As the protocol says' },
        ...Object.fromEntries(
          refusals.map((status) => [
            status,
            { description: 'Refused', content: { 'application/json': { schema: error } } },
          ]),
        ),
      },
    })
  }
  const open = { method: 'get' as const, tags: ['Open'], security: [] }
  registry.registerPath({
    ...open,
    path: '/healthz',
    summary: 'The process answers',
    responses: { 200: { description: 'It does' } },
  })
  registry.registerPath({
    ...open,
    path: '/readyz',
    summary: 'The process takes work, and its database answers',
    responses: {
      200: { description: 'It does' },
      503: { description: 'It does not', content: { 'application/problem+json': { schema: problemSchema } } },
    },
  })
  const text = { 'text/plain': { schema: z.string() } }
  registry.registerPath({
    ...open,
    path: '/metrics',
    summary: "The numbers that are watched, in Prometheus' text format; read anew every ten seconds at most",
    responses: {
      200: { description: 'They are', content: text },
      503: { description: 'They cannot be read', content: text },
    },
  })
}
