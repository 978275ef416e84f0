import { Agent, request } from 'undici'

export interface Target {
  readonly url: string
  readonly path: string
  readonly key?: string
  readonly body?: unknown
}

export interface Load {
  /** What the process under test could answer in a second of its own time on a core, whatever else the machine does. */
  readonly requestsPerCoreSecond: number
  readonly requestsPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** Sends `count` requests, `parallel` at a time, and measures each; every answer must be a 200. */
export async function load(
  target: Target,
  count: number,
  parallel: number,
  cpuMs: () => Promise<number>,
): Promise<Load> {
  const dispatcher = new Agent({ connections: parallel })
  const times: number[] = []
  let left = count
  const cpuBefore = await cpuMs()
  const startedAt = performance.now()
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) times.push(await once(target, dispatcher))
    }),
  )
  const elapsedMs = performance.now() - startedAt
  const usedMs = (await cpuMs()) - cpuBefore
  await dispatcher.close()
  return {
    requestsPerCoreSecond: (count / usedMs) * 1000,
    requestsPerSecond: (count / elapsedMs) * 1000,
    p50Ms: percentile(times, 0.5),
    p95Ms: percentile(times, 0.95),
  }
}

async function once(target: Target, dispatcher: Agent): Promise<number> {
  const startedAt = performance.now()
  const answer = await request(`${target.url}${target.path}`, init(target, dispatcher))
  const text = await answer.body.text()
  if (answer.statusCode !== 200) throw new Error(`${target.path} answered ${answer.statusCode}: ${text.slice(0, 200)}`)
  return performance.now() - startedAt
}

/** How long each line of a stream was under way: the engine writes the time into it when it leaves. */
export async function chunkDelays(target: Target, rounds: number): Promise<readonly number[]> {
  const dispatcher = new Agent({ connections: 1 })
  const delays: number[] = []
  for (let round = 0; round < rounds; round++) {
    const answer = await request(`${target.url}${target.path}`, init(target, dispatcher))
    for await (const chunk of answer.body) {
      const now = performance.timeOrigin + performance.now()
      for (const [, at] of String(chunk).matchAll(/"content":"([\d.]+)"/g)) delays.push(now - Number(at))
    }
  }
  await dispatcher.close()
  return delays
}

function init({ key, body }: Target, dispatcher: Agent) {
  return {
    dispatcher,
    method: body === undefined ? ('GET' as const) : ('POST' as const),
    headers: {
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }
}

export function percentile(values: readonly number[], share: number): number {
  return [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? Number.NaN
}
