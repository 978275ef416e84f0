import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type EmulatedRunpod, startRunpod } from '../runpod/start.ts'
import { isRunning } from './__support__/run-cli.ts'
import { until } from './__support__/until.ts'

const SERVER = fileURLToPath(new URL('./__support__/abandoned-server.ts', import.meta.url))

let runpod: EmulatedRunpod
let folder: string
let server: ChildProcess | undefined
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-switch-'))
  runpod = await startRunpod({ podRuntime: 'process', boot: { restartMs: 50 } })
})
afterEach(async () => {
  server?.kill('SIGKILL')
  await runpod.stop()
  await rm(folder, { recursive: true, force: true })
})

test('with our server killed the guard ends its own pod', async () => {
  const text = await startAbandonedServer()
  await until('a rented pod that is ready', () => text().includes('ready'), 40_000)
  const [pod] = runpod.livePods()
  if (pod === undefined) return expect.fail('no pod')
  const base = runpod.proxyUrl.replace('{podId}', pod.id).replace('{port}', pod.env.GUARD_PORT ?? '')

  for (const path of [
    '/',
    '/api/tags',
    '/api/chat',
    '/v1/chat/completions',
    '/guard/status',
    '/guard/heartbeat',
    '/none',
  ]) {
    const method = /chat|heartbeat/u.test(path) ? 'POST' : 'GET'
    const stranger = { method, headers: { authorization: `Bearer ${runpod.apiKey}` } }
    expect([path, (await fetch(`${base}${path}`, stranger)).status]).toEqual([path, 401])
  }

  // As long as the server lives its heartbeats do, well beyond what the guard bears without them.
  const isKept = until('the end of a pod in use', () => runpod.livePods().length === 0, 3_000)
  await expect(isKept).rejects.toThrow('in vain')
  server?.kill('SIGKILL')
  await until('the end of the pod', () => runpod.livePods().length === 0, 15_000)
  const removal = runpod.calls.filter((call) => call.method === 'DELETE')
  expect(removal.map((call) => [call.key, call.path.endsWith(`/pods/${pod.id}`)])).toEqual([['pod', true]])
  expect(runpod.pods()).toHaveLength(1)
  await until('no process of the pod', () => !pod.pids.some(isRunning))
}, 90_000)

async function startAbandonedServer(): Promise<() => string> {
  const child = spawn(process.execPath, [SERVER], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
      DEVLOOP_DATA: join(folder, 'data'),
      CONTROLLER_KEY: 'a-key-of-this-test-0123456789',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_LEVEL: 'silent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  server = child
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    said += part
  })
  return () => said
}
