import { type ChildProcess, spawn } from 'node:child_process'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'

const main = new URL('main.ts', import.meta.url).pathname
let sandbox: ChildProcess | undefined

afterEach(() => {
  if (sandbox?.exitCode === null) sandbox.kill('SIGKILL')
})

const address = z.object({ url: z.string(), proxyUrl: z.string(), apiKey: z.string() })
const facts = z.array(z.object({ id: z.string(), status: z.string(), restarts: z.number(), pids: z.array(z.number()) }))

async function startSandbox() {
  sandbox = spawn(process.execPath, [main, '--runtime', 'process', '--no-judge', '--seed', '4'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const { stdout } = sandbox
  if (stdout === null) throw new Error('no output')
  const line = await new Promise<string>((resolve) => stdout.once('data', (part) => resolve(String(part))))
  const { url, proxyUrl, apiKey } = address.parse(JSON.parse(line))
  const origin = new URL(url).origin
  const pods = async () => facts.parse(await (await fetch(`${origin}/sandbox/pods`)).json())
  return { url, proxyUrl, apiKey, pods }
}

type Sandbox = Awaited<ReturnType<typeof startSandbox>>

async function rent(running: Sandbox, env: Readonly<Record<string, string>>): Promise<string> {
  const reply = await fetch(`${running.url}/pods`, {
    method: 'POST',
    headers: { authorization: `Bearer ${running.apiKey}` },
    body: JSON.stringify({
      name: 'devloop-x',
      image: 'ghcr.io/someone/devloop-pod:1',
      gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
      disk: 20,
      ports: ['8080/http'],
      env: { GUARD_PORT: '8080', GUARD_TOKEN: 'tok', GUARD_CHECK_EVERY_MS: '30', GUARD_REMOVE_EVERY_MS: '50', ...env },
    }),
  })
  const { id } = z.object({ id: z.string() }).parse(await reply.json())
  return running.proxyUrl.replace('{podId}', id).replace('{port}', '8080')
}

async function eventually(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 700; turn += 1) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  expect.fail(`never came: ${what}`)
}

const guardStatus = z.object({ phase: z.string(), startedAt: z.number(), deadlineAt: z.number() })

async function statusAt(base: string): Promise<z.infer<typeof guardStatus> | undefined> {
  const reply = await fetch(`${base}/guard/status`, { headers: { authorization: 'Bearer tok' } }).catch(() => undefined)
  return reply?.ok ? guardStatus.parse(await reply.json()) : undefined
}

async function phaseAt(base: string): Promise<string> {
  return (await statusAt(base))?.phase ?? ''
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a pod is the real guard over Ollama; silence from us makes the guard remove it', async () => {
  const running = await startSandbox()
  const base = await rent(running, {
    GUARD_MODEL: 'qwen2.5-coder:7b',
    GUARD_DEADLINE: String(Date.now() + 600_000),
    GUARD_HEARTBEAT_MS: '200',
  })
  await eventually('ready', async () => (await phaseAt(base)) === 'ready')
  expect((await fetch(`${base}/guard/status`)).status).toBe(401)
  const [pod] = await running.pods()
  expect(pod?.pids).toHaveLength(2)
  await fetch(`${base}/guard/heartbeat`, { method: 'POST', headers: { authorization: 'Bearer tok' } })
  await eventually('the end', async () => (await running.pods())[0]?.status === 'TERMINATED')
  await eventually('no process', async () => !(pod?.pids ?? []).some(isAlive))
})

test('a killed guard is started again, and its restart does not extend the life of the pod', async () => {
  const running = await startSandbox()
  const deadlineAt = Date.now() + 600_000
  const base = await rent(running, { GUARD_DEADLINE: String(deadlineAt) })
  await eventually('the guard', async () => (await statusAt(base)) !== undefined)
  const before = await statusAt(base)
  const guard = (await running.pods())[0]?.pids.at(-1) ?? 0
  process.kill(guard, 'SIGKILL')
  await eventually('a restart', async () => ((await running.pods())[0]?.restarts ?? 0) === 1)
  await eventually('the guard again', async () => (await statusAt(base)) !== undefined)
  const after = await statusAt(base)
  expect(after?.startedAt).toBeGreaterThan(before?.startedAt ?? 0)
  expect([before?.deadlineAt, after?.deadlineAt]).toEqual([deadlineAt, deadlineAt])
})

test('kill -9 of the sandbox leaves no process behind', async () => {
  const running = await startSandbox()
  const base = await rent(running, { GUARD_DEADLINE: String(Date.now() + 60_000) })
  await eventually('the guard', async () => (await phaseAt(base)) !== '')
  const pids = (await running.pods()).flatMap((pod) => pod.pids)
  expect(pids.every(isAlive)).toBe(true)
  sandbox?.kill('SIGKILL')
  await eventually('no process', async () => !pids.some(isAlive))
})
