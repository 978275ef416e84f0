import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Hono } from 'hono'
import { openStore } from '../../adapters/postgres/open-store.ts'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { createSystemRandom } from '../../adapters/system/system-random.ts'
import { createControllerBench, enginesAt } from '../../app/controller/__support__/controller-bench.ts'
import { listen } from '../../app/server.ts'
import { closeHttp, httpFetch } from '../../parts/http.ts'
import { silentLog } from '../../ports/log.ts'

// The gateway over an embedded database as the server opens it, and bare hono doing the same by hand, in a process of their own:
// `node bench/gateway/subject.ts ENGINE` prints both addresses and a key. Both pass on with the same undici fetch that the server uses.
const [engine = ''] = process.argv.slice(2)
const fetch = httpFetch as unknown as (url: string, init: RequestInit) => Promise<Response>

const dataDir = await mkdtemp(join(tmpdir(), 'devloop-gateway-'))
const random = createSystemRandom()
const opened = await openStore({ databaseUrl: undefined, dataDir, clock: systemClock, random, log: silentLog })
const bench = createControllerBench({ engines: enginesAt(engine), fetch, store: opened.store })
const gateway = await listen(bench.app, { host: '127.0.0.1', port: 0 })

const bare = new Hono()
bare.get('/cpu', (context) => {
  const { user, system } = process.cpuUsage()
  return context.json((user + system) / 1000)
})
bare.all('/api/*', async (context) => {
  const body = context.req.method === 'POST' ? { body: await context.req.text() } : {}
  const answer = await fetch(`${engine}${context.req.path}`, { method: context.req.method, ...body })
  return new Response(answer.body, { status: answer.status })
})
const hono = await listen(bare, { host: '127.0.0.1', port: 0 })
const { key } = await bench.key(['infer', 'read'], 'bench')
process.stdout.write(`${JSON.stringify({ gateway: gateway.url, hono: hono.url, key })}\n`)
process.on('SIGTERM', async () => {
  await Promise.all([gateway.close(0), hono.close(0)])
  await bench.close()
  await closeHttp()
  await opened.close(0)
  await rm(dataDir, { recursive: true, force: true })
  process.exit(0)
})
