import { OpenAPIHono } from '@hono/zod-openapi'
import type { MiddlewareHandler } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { type ControllerEnv, requireScope } from './auth.ts'
import { documentGateway } from './gateway/document.ts'
import type { ControllerParts } from './parts.ts'
import { problemResponse, RequestRefused, refusalOf } from './problem.ts'
import { addControlRoutes } from './routes/control-routes.ts'
import { addInferRoute } from './routes/infer-route.ts'
import { addJobRoutes } from './routes/job-routes.ts'
import { tracedRequest } from './traced-request.ts'
import { REFERENCE_CSS, referencePage } from './routes/reference-page.ts'

const MAX_BODY_BYTES = 5 * 1024 * 1024

/** The REST controller: every route checks its key's scope, every refusal is a problem document. */
export function controllerRoutes(parts: ControllerParts): OpenAPIHono<ControllerEnv> {
  const app = new OpenAPIHono<ControllerEnv>({
    defaultHook: (result) => {
      if (result.success) return
      const issue = result.error.issues[0]
      throw new RequestRefused(
        422,
        'invalid-request',
        `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'does not fit'}.`,
        'See /docs for the shapes.',
      )
    },
  })
  app.onError((error, context) => {
    const refusal = refusalOf(syntaxError(error))
    if (refusal.status === 500)
      parts.log.error({ error: error.message, path: context.req.path }, 'A controller request failed.')
    return problemResponse(context, refusal)
  })
  const limit = bodyLimit({
    maxSize: MAX_BODY_BYTES,
    onError: () => {
      throw new RequestRefused(413, 'body-too-large', 'The body is larger than 5 MB.', 'Send less at once.')
    },
  })
  const [infer, read, control] = (['infer', 'read', 'control'] as const).map((scope) =>
    requireScope(scope, parts.findKey),
  )
  if (!infer || !read || !control) throw new Error('a scope without its check')
  app.use('/infer', infer, tracedRequest(parts.gateway.tracing.telemetry, ['/infer']), limit)
  app.use('/status', read)
  app.use('/jobs', read)
  app.use('/jobs/*', async (context, next) =>
    context.req.method === 'DELETE' ? control(context, next) : read(context, next),
  )
  app.use('/control/*', control, limit, emptyBody)
  app.use('/shutdown', control, limit, emptyBody)
  addInferRoute(app, parts)
  addControlRoutes(app, parts)
  addJobRoutes(app, parts)
  documentGateway(app)

  app.get('/healthz', (context) => context.json({ status: 'ok', version: parts.version }))
  app.get('/readyz', async (context) => {
    await parts.assertReady()
    return context.json({ status: 'ready' })
  })
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'A key of `devloop keys create`',
  })
  const info = {
    title: 'DevLoop controller',
    version: parts.version,
    description: 'One gateway, one budget, one log for every agent.',
  }
  app.doc31('/openapi.json', { openapi: '3.1.0', info })
  app.get('/docs', (context) =>
    context.html(referencePage(app.getOpenAPI31Document({ openapi: '3.1.0', info })), 200, {
      'content-security-policy':
        "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    }),
  )
  app.get('/reference.css', (context) =>
    context.body(REFERENCE_CSS, 200, { 'content-type': 'text/css; charset=utf-8' }),
  )
  return app
}

/** Many clients announce JSON even when they send none; where no body is needed that is no mistake. */
const emptyBody: MiddlewareHandler<ControllerEnv> = async (context, next) => {
  const { raw } = context.req
  if (raw.method === 'POST' && (await context.req.text()).trim() === '') {
    const headers = new Headers(raw.headers)
    headers.delete('content-type')
    context.req.raw = new Request(raw.url, { method: raw.method, headers, signal: raw.signal })
  }
  await next()
}

/** hono says "Malformed JSON" by an HTTPException of its own. */
function syntaxError(error: Error): Error {
  if (!('status' in error) || error.status !== 400) return error
  return new RequestRefused(
    400,
    'invalid-json',
    'The body is no JSON.',
    'Send a JSON object with `content-type: application/json`.',
  )
}
