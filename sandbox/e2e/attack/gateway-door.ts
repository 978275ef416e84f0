import { createControllerBench, enginesAt } from '../../../app/controller/__support__/controller-bench.ts'

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']
const PATHS = [
  '/api/',
  '/v1/',
  '/api/chat',
  '/api/generate',
  '/v1/chat/completions',
  '/infer',
  '/jobs/',
  '/status',
  '/start',
  '/',
]

let opened:
  | Promise<{ readonly send: (path: string, init: RequestInit) => Promise<Response>; readonly key: string }>
  | undefined

/** Method, path and body all come from the text. Throws when the answer is a server error or no answer at all. */
export async function sendToGateway(text: string): Promise<void> {
  opened ??= open()
  const { send, key } = await opened
  const sum = [...text].reduce((total, sign) => total + (sign.codePointAt(0) ?? 0), text.length)
  const method = METHODS[sum % METHODS.length] ?? 'GET'
  const start = PATHS[sum % PATHS.length] ?? '/'
  const path = start.endsWith('/') ? start + encodeURI(text.toWellFormed()).slice(0, 500) : start
  const init = { method, headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' } }
  const hasBody = method !== 'GET' && method !== 'OPTIONS'
  const answer = await send(new URL(`http://gateway.test${path}`).href, hasBody ? { ...init, body: text } : init)
  await answer.arrayBuffer()
  if (answer.status === 500) throw new Error(`${method} ${path} was answered with 500`)
}

async function open() {
  const bench = createControllerBench({
    engines: enginesAt('http://engine.test'),
    fetch: async () => Response.json({ error: 'no such model' }, { status: 404 }),
  })
  const { key } = await bench.key(['infer', 'read', 'control'])
  return { send: async (path: string, init: RequestInit) => await bench.app.request(path, init), key }
}
