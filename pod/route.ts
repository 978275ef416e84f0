export type Route =
  | { readonly kind: 'forward'; readonly path: string; readonly isUse: boolean }
  | { readonly kind: 'status' | 'heartbeat' | 'model' }
  | { readonly kind: 'refuse'; readonly status: 400 | 404 | 405; readonly message: string }

/** Paths of Ollama that are passed on: the method, and whether the GPU works for it. */
const forwarded: Readonly<Record<string, { readonly method: string; readonly isUse: boolean }>> = {
  '/api/chat': { method: 'POST', isUse: true },
  '/api/generate': { method: 'POST', isUse: true },
  '/api/embed': { method: 'POST', isUse: true },
  '/api/tags': { method: 'GET', isUse: false },
  '/api/ps': { method: 'GET', isUse: false },
  '/api/show': { method: 'POST', isUse: false },
  '/api/version': { method: 'GET', isUse: false },
  '/v1/chat/completions': { method: 'POST', isUse: true },
  '/v1/embeddings': { method: 'POST', isUse: true },
  '/v1/models': { method: 'GET', isUse: false },
}

const own: Readonly<Record<string, { readonly method: string; readonly kind: 'status' | 'heartbeat' | 'model' }>> = {
  '/guard/status': { method: 'GET', kind: 'status' },
  '/guard/heartbeat': { method: 'POST', kind: 'heartbeat' },
  '/guard/model': { method: 'POST', kind: 'model' },
}

/**
 * Judges a request target as it stands on the wire. Only a plain path out of the list passes: no decoding is done,
 * so that the guard and Ollama cannot read one target in two ways.
 */
export function routeOf(method: string, target: string): Route {
  const [path = '', ...query] = target.split('?')
  if (!/^(?:\/[A-Za-z0-9_-]+)+$/.test(path) || query.length > 1 || /[^\x21-\x7e]|#/.test(target)) {
    return path === '/'
      ? unknown(path)
      : { kind: 'refuse', status: 400, message: 'The path must be plain: no dots, no doubled or encoded characters.' }
  }
  const mine = Object.hasOwn(own, path) ? own[path] : undefined
  if (mine !== undefined) return mine.method === method ? { kind: mine.kind } : wrongMethod(path, mine.method)
  const theirs = Object.hasOwn(forwarded, path) ? forwarded[path] : undefined
  if (theirs === undefined) return unknown(path)
  const isRead = theirs.method === 'GET' && method === 'HEAD'
  if (theirs.method !== method && !isRead) return wrongMethod(path, theirs.method)
  return { kind: 'forward', path, isUse: theirs.isUse }
}

function unknown(path: string): Route {
  return { kind: 'refuse', status: 404, message: `The guard does not pass ${path} on.` }
}

function wrongMethod(path: string, method: string): Route {
  return { kind: 'refuse', status: 405, message: `${path} takes ${method}.` }
}
