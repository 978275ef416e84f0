import { timingSafeEqual } from 'node:crypto'

export type GatewayRoute =
  | { readonly kind: 'forward'; readonly path: string }
  | { readonly kind: 'infer' | 'status' }
  | { readonly kind: 'refuse'; readonly status: 401 | 404 | 405; readonly message: string }

/** What steps may ask of the engine; everything else stays with us. */
const FORWARDED: Readonly<Record<string, string>> = {
  '/api/chat': 'POST',
  '/api/generate': 'POST',
  '/api/embed': 'POST',
  '/api/show': 'POST',
  '/api/tags': 'GET',
  '/api/ps': 'GET',
  '/api/version': 'GET',
  '/v1/chat/completions': 'POST',
  '/v1/embeddings': 'POST',
  '/v1/models': 'GET',
}
const OWN: Readonly<Record<string, { readonly method: string; readonly kind: 'infer' | 'status' }>> = {
  '/infer': { method: 'POST', kind: 'infer' },
  '/status': { method: 'GET', kind: 'status' },
}

/**
 * Who may ask what. The key comes as a bearer token, or as the first part of the path: Ollama's clients know no tokens, but keep the
 * path of `OLLAMA_HOST`.
 */
export function routeOf(
  request: { readonly method: string; readonly target: string; readonly authorization: string | undefined },
  key: string,
): GatewayRoute {
  const [target = ''] = request.target.split('?')
  const [, first = '', ...rest] = target.split('/')
  const byPath = isSame(first, key)
  const token = /^Bearer (\S+)$/i.exec(request.authorization ?? '')?.[1] ?? ''
  if (!byPath && !isSame(token, key))
    return {
      kind: 'refuse',
      status: 401,
      message: 'The key of this gateway is missing: send CONTROLLER_KEY as bearer.',
    }
  const path = byPath ? `/${rest.join('/')}` : target
  const own = Object.hasOwn(OWN, path) ? OWN[path] : undefined
  if (own !== undefined) return own.method === request.method ? { kind: own.kind } : wrongMethod(path, own.method)
  const method = Object.hasOwn(FORWARDED, path) ? FORWARDED[path] : undefined
  if (method === undefined)
    return { kind: 'refuse', status: 404, message: `This gateway does not pass ${path.slice(0, 100)} on.` }
  return request.method === method ? { kind: 'forward', path } : wrongMethod(path, method)
}

function wrongMethod(path: string, method: string): GatewayRoute {
  return { kind: 'refuse', status: 405, message: `${path} takes ${method}.` }
}

function isSame(given: string, key: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(key)]
  return a.length === b.length && timingSafeEqual(a, b)
}
