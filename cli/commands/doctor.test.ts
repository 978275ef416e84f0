import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLocalStore } from '../../parts/local-store.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { type EmulatedRunpod, startRunpod } from '../../sandbox/runpod/start.ts'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

describe('devloop doctor', () => {
  const scratch = new ScratchRepository({ init: false })
  let runpod: EmulatedRunpod
  beforeAll(async () => {
    runpod = await startRunpod({ podRuntime: 'none' })
  })
  afterAll(async () => {
    await runpod.stop()
    scratch.remove()
  })
  const key = 'rpa_ABSOLUTELYSECRET'
  const examine = async (env: Readonly<Record<string, string>>, ...args: string[]) =>
    runInProcess(['doctor', ...args], { cwd: scratch.root, env: { RUNPOD_API_URL: runpod.url, ...env } })

  it('says of each thing how it is and what to do, and never shows a secret', async () => {
    const end = await examine({ RUNPOD_API_KEY: key })
    expect(end.exitCode).toBe(1)
    expect(end.stdout).toMatch(/^✗ +APP_ID +is not set → APP_ID is missing/m)
    expect(end.stdout).toMatch(/^✓ +RUNPOD_API_KEY +is set$/m)
    expect(end.stdout).toMatch(/^✗ +RunPod .*RUNPOD_API_KEY|^✗ +RunPod .*refus|^✗ +RunPod .* → \w/m)
    expect(end.stdout).toMatch(/^✓ +database +embedded in .* opens/m)
    expect(end.stdout + end.stderr).not.toContain(key)
  })

  it('calls a database that a running server holds as well as any', async () => {
    const dataDir = join(scratch.root, 'served')
    const held = await openLocalStore(readEnvironment({ DEVLOOP_DATA: dataDir }, scratch.root))
    try {
      const end = await examine({ DEVLOOP_DATA: dataDir })
      expect(end.stdout).toMatch(/^✓ +database +embedded in .*served is held by a running DevLoop/m)
    } finally {
      await held.close()
    }
  })

  it('finds key, stock and model of a working account', async () => {
    const end = await examine({ RUNPOD_API_KEY: runpod.apiKey }, '--json')
    const checks: { name: string; state: string; message: string }[] = JSON.parse(end.stdout).checks
    expect(checks.find(({ name }) => name === 'RunPod')).toMatchObject({
      state: 'good',
      message: expect.stringMatching(/the key works, .* 0 rented; NVIDIA GeForce RTX 4090/),
    })
    expect(checks.find(({ name }) => name === 'model')?.message).toContain('qwen3-coder:30b, 19 GB')
  })
})
