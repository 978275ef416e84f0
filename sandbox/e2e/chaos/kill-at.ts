import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { startProcess } from '../../../cli/__support__/run-process.ts'
import { startRunpod } from '../../runpod/start.ts'
import { Gate, type Held } from './gate.ts'
import type { KillMoment } from './kill-moments.ts'

const FOREIGN = 'somebody-elses-training'
/** After `reap` has begun to look. */
const LATER_MS = 2_200
const GATED_MS = 20_000

export interface KillOutcome {
  readonly name: string
  /** Whether the command really died at that moment. */
  readonly wasKilled: boolean
  /** Pods of ours before and after `pods reap`. */
  readonly before: number
  readonly after: number
  readonly hasForeign: boolean
  readonly reapCode: number | null
  readonly reapMs: number
}

/** `devloop infer` against an emulated account, killed at one moment; then `devloop pods reap`. */
export async function killAt(moment: KillMoment): Promise<KillOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'devloop-kill-'))
  const runpod = await startRunpod({ podRuntime: 'light' })
  const gate = await Gate.start(runpod.url)
  const env = {
    RUNPOD_API_URL: gate.through(runpod.url),
    RUNPOD_PROXY_URL: gate.through(runpod.proxyUrl),
    RUNPOD_API_KEY: runpod.apiKey,
  }
  const ours = () => runpod.livePods().filter((pod) => pod.name !== FOREIGN).length
  try {
    await rentForeign(runpod.url, runpod.apiKey)
    if (moment.chaos !== undefined) runpod.setChaos(moment.chaos)
    for (const fault of moment.faults ?? []) runpod.script(fault)
    const caught = moment.when instanceof RegExp ? undefined : gate.hold(moment.when)
    const run = startProcess(['infer', 'hello', '--engine', 'runpod'], folder, env)
    const held = moment.when instanceof RegExp ? await run.said(moment.when) : await within(GATED_MS, caught, moment)
    run.kill('SIGKILL')
    const wasKilled = (await run.end).signal === 'SIGKILL'
    const decide = async () => (moment.fate === 'never' ? held?.drop() : held?.pass())
    if (moment.fate !== 'later') await decide()
    const before = ours()
    const startedAt = Date.now()
    const reaping = startProcess(['pods', 'reap', '--json'], folder, env).end
    const arriving = moment.fate === 'later' ? sleep(LATER_MS).then(decide) : undefined
    const { code } = await reaping
    const reapMs = Date.now() - startedAt
    // Also when nobody looks any more.
    await arriving
    const hasForeign = runpod.livePods().some((pod) => pod.name === FOREIGN)
    return { name: moment.name, wasKilled, before, after: ours(), hasForeign, reapCode: code, reapMs }
  } finally {
    await gate.stop()
    await runpod.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function rentForeign(url: string, key: string): Promise<void> {
  const gpu = { id: 'NVIDIA L4', count: 1 }
  const body = { name: FOREIGN, image: 'x', gpu, cloud: 'SECURE', disk: 20, ports: ['8080/http'], env: {} }
  const headers = { authorization: `Bearer ${key}` }
  const reply = await fetch(`${url}/pods`, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!reply.ok) throw new Error(`the foreign pod was not rented: ${reply.status}`)
}

async function within(ms: number, caught: Promise<Held> | undefined, { name }: KillMoment): Promise<Held | undefined> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the moment "${name}" did not come within ${ms} ms`)), ms)
  })
  try {
    return await Promise.race([caught ?? Promise.resolve(undefined), late])
  } finally {
    clearTimeout(timer)
  }
}

/** What must hold whenever the command was killed. */
export function killFaults({ wasKilled, after, hasForeign, reapCode }: KillOutcome): readonly string[] {
  return [
    wasKilled ? '' : 'the command had ended before',
    after === 0 ? '' : `${after} pods left`,
    hasForeign ? '' : 'a foreign pod was ended',
    reapCode === 0 ? '' : `reap exits ${reapCode}`,
  ].filter((fault) => fault !== '')
}
