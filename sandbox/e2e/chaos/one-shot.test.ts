import { afterEach, expect, test } from 'vitest'
import { createMemoryStore } from '../../../adapters/memory/memory-store.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { withOneShotEngines } from '../../../fleet/one-shot.ts'
import type { FleetPolicy } from '../../../fleet/policy.ts'
import { silentLog } from '../../../ports/log.ts'
import type { Engines } from '../../../ports/model.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import { type EmulatedRunpod, startRunpod } from '../../runpod/start.ts'
import { FAST_TIMINGS } from './fast-timings.ts'
import { fleetPartsFor } from './fleet-parts.ts'
import { MemoryJournal } from './memory-journal.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'

let runpod: EmulatedRunpod | undefined
afterEach(() => runpod?.stop())

test('a prompt is answered by a model on a rented pod with the real guard, which is proven gone afterwards', async () => {
  runpod = await startRunpod({ podRuntime: 'process' })
  const store = createMemoryStore({ clock: systemClock })
  const parts = fleetPartsFor(runpod, { store, journal: new MemoryJournal(), log: silentLog, holder: 'test' })
  const policy: FleetPolicy = {
    ...VIRTUAL_POLICY,
    timings: { ...FAST_TIMINGS, provisionMs: 15_000, guardMs: 15_000, modelMs: 15_000, absenceMs: 300 },
  }
  const load = { contextTokens: 4_096 }
  const demand = {
    jobId: 'infer-1',
    repository: null,
    user: null,
    model: 'mistral:7b-instruct-q5_K_M',
    load,
    slotsWanted: 1,
    deadlineAt: Date.now() + 20_000,
    maxCostMicroUsd: microUsdFromUsd(1),
  }
  const ask = async (engines: Engines) => {
    const { signal } = new AbortController()
    const lease = await engines.acquire(demand, signal)
    const messages = [{ role: 'user' as const, content: 'hello' }]
    try {
      const request = { model: lease.model, messages, load, maxOutputTokens: 64, temperature: 0, seed: 1 }
      return await lease.engine.chat(request, { signal })
    } finally {
      await lease.release()
    }
  }
  const end = await withOneShotEngines(parts, policy, ask, { proveMs: 10_000 })
  await store.close()
  expect(end.value.content).not.toBe('')
  expect(end.isProvenGone).toBe(true)
  expect(runpod.livePods()).toEqual([])
  expect(runpod.violations()).toEqual([])
  expect(end.pods.map((pod) => [pod.state, pod.modelDigest === null])).toEqual([['gone', false]])
})
