import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { z } from 'zod'
import { measurePaint } from './first-paint.ts'
import { chunkDelays, type Load, load, percentile, type Target } from './load.ts'
import { measureStatus } from './status.ts'

// `node bench/gateway/main.ts [jobs] [rounds]`: what the gateway adds over the bare engine and over bare hono, in one run on one machine. The order is
// turned over the rounds, so that a slow moment of the machine does not fall on one of them only.
const PER_ROUND = 400
const MODEL = 'stub'
const [jobs = '100000', givenRounds = '5'] = process.argv.slice(2)
const ROUNDS = Number(givenRounds)

const children: ReturnType<typeof spawn>[] = []
const start = async (file: string, ...given: string[]) => {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return String(line)
}

try {
  const engine = await start('stub-engine.ts')
  const subject = z
    .object({ gateway: z.string(), hono: z.string(), key: z.string() })
    .parse(JSON.parse(await start('subject.ts', engine)))
  const cpuMs = async () => z.number().parse(await (await fetch(`${subject.hono}/cpu`)).json())
  const chat = (content: string, stream: boolean) => ({
    path: '/api/chat',
    body: { model: MODEL, messages: [{ role: 'user', content }], stream },
  })
  const { key } = subject
  const infer = { path: '/infer', body: { prompt: 'hello', model: MODEL } }
  // Holds the share of the engine warm, as a conversation does.
  await load({ url: subject.gateway, key, ...infer }, 50, 5, cpuMs)

  const calls = await rounds(
    {
      engine: { url: engine, ...chat('hello', false) },
      hono: { url: subject.hono, ...chat('hello', false) },
      gateway: { url: subject.gateway, key, ...chat('hello', false) },
      infer: { url: subject.gateway, key, ...infer },
    },
    PER_ROUND,
    1,
    cpuMs,
  )
  // Somebody talks to the model meanwhile, so that the version asked for is the warm engine's own.
  let over = false
  const talking = (async () => {
    while (!over) await chunkDelays({ url: subject.gateway, key, ...chat('slow', true) }, 1)
  })()
  const passed = await rounds(
    {
      hono: { url: subject.hono, path: '/api/version' },
      gateway: { url: subject.gateway, key, path: '/api/version' },
    },
    3_000,
    20,
    cpuMs,
  )
  over = true
  await talking
  const streamed = {
    engine: percentile(await chunkDelays({ url: engine, ...chat('slow', true) }, 10), 0.5),
    gateway: percentile(await chunkDelays({ url: subject.gateway, key, ...chat('slow', true) }, 10), 0.5),
    openai: percentile(
      await chunkDelays({ url: subject.gateway, key, ...chat('slow', true), path: '/v1/chat/completions' }, 10),
      0.5,
    ),
  }
  const status = await measureStatus(Number(jobs))
  const paint = await measurePaint()

  const bounds = [
    bound('gateway adds to one call, p50 ms', calls.gateway.p50Ms - calls.engine.p50Ms, '<=', 3),
    ratio('  as a multiple of bare hono passing it on', calls.gateway.p50Ms / calls.hono.p50Ms),
    ratio('  as a multiple of the bare engine', calls.gateway.p50Ms / calls.engine.p50Ms),
    bound('/infer adds to one call, p50 ms', calls.infer.p50Ms - calls.engine.p50Ms, '<=', 3),
    ratio('  as a multiple of bare hono passing it on', calls.infer.p50Ms / calls.hono.p50Ms),
    bound('pass-through, requests per second of a core', passed.gateway.requestsPerCoreSecond, '>=', 1_500),
    ratio('  as a share of bare hono', passed.gateway.requestsPerCoreSecond / passed.hono.requestsPerCoreSecond),
    bound('gateway adds per streamed chunk, p50 ms', streamed.gateway - streamed.engine, '<=', 1),
    bound('OpenAI wire adds per streamed chunk, p50 ms', streamed.openai - streamed.engine, '<=', 1),
    bound(`/status read anew with ${jobs} jobs, ms of a core`, status.freshCpuMs, '<=', 5),
    bound('/status from memory, p50 ms', status.keptP50Ms, '<=', 5),
    bound('100 scrapes/s, share of a core', status.scrapesCpuShare, '<=', 0.05),
    ...(paint === undefined
      ? []
      : [
          bound('first paint of the slowest page, ms', paint.firstPaintMs, '<=', 300),
          bound('heaviest page, KB transferred', paint.transferredBytes / 1024, '<=', 100),
        ]),
  ]
  for (const { name, value, sign, limit, holds } of bounds) {
    const verdict = sign === null ? '    ' : holds ? 'ok  ' : 'MISS'
    process.stdout.write(
      `${verdict} ${name.padEnd(48)} ${value.toFixed(3).padStart(10)}${sign === null ? '' : ` (${sign} ${limit})`}\n`,
    )
  }
  if (paint === undefined) process.stdout.write('     no page was opened: there is no /usr/bin/chromium here\n')
  await writeFile(
    join(import.meta.dirname, '../results/gateway.json'),
    `${JSON.stringify({ calls, passed, streamed, status, ...(paint && { paint }) }, null, 1)}\n`,
  )
} finally {
  for (const child of children) child.kill('SIGTERM')
}

async function rounds<Name extends string>(
  targets: Readonly<Record<Name, Target>>,
  count: number,
  parallel: number,
  cpuMs: () => Promise<number>,
): Promise<Record<Name, Load>> {
  const names = Object.keys(targets) as Name[]
  const found = new Map<Name, Load[]>(names.map((name) => [name, []]))
  for (const name of names) await load(targets[name], Math.ceil(count / 4), parallel, cpuMs)
  for (let round = 0; round < ROUNDS; round++) {
    const order = [...names.slice(round % names.length), ...names.slice(0, round % names.length)]
    for (const name of order) found.get(name)?.push(await load(targets[name], count, parallel, cpuMs))
  }
  const middle = (name: Name, pick: (one: Load) => number) => percentile((found.get(name) ?? []).map(pick), 0.5)
  return Object.fromEntries(
    names.map((name) => [
      name,
      {
        requestsPerCoreSecond: middle(name, (one) => one.requestsPerCoreSecond),
        requestsPerSecond: middle(name, (one) => one.requestsPerSecond),
        p50Ms: middle(name, (one) => one.p50Ms),
        p95Ms: middle(name, (one) => one.p95Ms),
      },
    ]),
  ) as Record<Name, Load>
}

/** Said for comparison; no bound is set to it. */
function ratio(name: string, value: number) {
  return { name, value, sign: null, limit: 0, holds: true }
}

function bound(name: string, value: number, sign: '<=' | '>=', limit: number) {
  return { name, value, sign, limit, holds: sign === '<=' ? value <= limit : value >= limit }
}
