import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRunpod } from '../../sandbox/runpod/start.ts'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

const NAME = 'devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xzzzzzz'
/** No process has it: above the highest that Linux gives. */
const DEAD_PID = 2 ** 22 + 1
let runpod: Awaited<ReturnType<typeof startRunpod>>
const scratch = new ScratchRepository({ init: false })
const data = join(scratch.root, 'data')
const journal = join(data, 'money.jsonl')

beforeAll(async () => {
  runpod = await startRunpod({ podRuntime: 'none' })
  mkdirSync(data)
})
afterAll(async () => {
  await runpod.stop()
  scratch.remove()
})

const reap = (...args: string[]) =>
  runInProcess(['pods', 'reap', ...args], {
    cwd: scratch.root,
    env: {
      RUNPOD_API_URL: runpod.url,
      RUNPOD_PROXY_URL: runpod.proxyUrl,
      RUNPOD_API_KEY: runpod.apiKey,
      DEVLOOP_DATA: data,
      DEVLOOP_DEPLOYMENT: 'abcd1234',
    },
  })

it('says what it waits for, no longer than a create can be on its way, and writes down that none came', async () => {
  const at = Date.now() - 3_000
  const create = {
    kind: 'create',
    at,
    podName: NAME,
    gpu: 'A',
    microUsdPerHour: 1,
    deadlineAt: at,
    holderPid: DEAD_PID,
  }
  writeFileSync(journal, `${JSON.stringify(create)}\n`)
  const end = await reap()
  expect(end).toMatchObject({ exitCode: 0, stdout: 'Nothing of this installation (abcd1234) is rented.\n' })
  expect(end.stderr).toMatch(
    /^ +\d\.\d s {2}One create of a process that is gone may still be on the way; looking until \d\d:\d\d:\d\d UTC\n$/,
  )
  expect(readFileSync(journal, 'utf8')).toMatch(/"kind":"settle".*"reason":"never appeared"/)
  // What is written down is not waited for again.
  expect(await reap('--json')).toMatchObject({ exitCode: 0, stderr: '', stdout: '{"ended":[],"kept":[],"left":0}\n' })
})

it.each([['list'], ['reap']])('without a key says whose is meant, and no other engine: pods %s', async (command) => {
  const end = await runInProcess(['pods', command], { cwd: scratch.root, env: { DEVLOOP_DATA: data } })
  expect(end).toMatchObject({ stdout: '' })
  expect(end.exitCode).not.toBe(0)
  expect(end.stderr).toMatch(/RUNPOD_API_KEY is not set.*Put the key of the RunPod account/s)
  expect(end.stderr).not.toContain('engine')
})

it.each([
  [['--max-reap', '0'], /--max-reap takes a whole number from 1/],
  [['--older-than', 'long'], /--older-than long is no age/],
])('refuses %j', async (args, sentence) => {
  const end = await reap(...args)
  expect(end).toMatchObject({ exitCode: 2, stdout: '' })
  expect(end.stderr).toMatch(sentence)
})
