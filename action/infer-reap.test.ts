import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { buildPodName, installIdOf } from '../fleet/pod-name.ts'
import { repositoryName } from '../ports/ids.ts'
import { type EmulatedOllama, startOllama } from '../sandbox/ollama/start.ts'
import { type EmulatedRunpodProcess, startEmulatedRunpod } from './__support__/emulated-runpod.ts'
import { Step, type StepWish } from './__support__/run-action.ts'
import { until } from './__support__/until.ts'

const MODEL = 'qwen2.5-coder:7b'
let runpod: EmulatedRunpodProcess
let left: EmulatedRunpodProcess
let ollama: EmulatedOllama
beforeAll(async () => {
  runpod = await startEmulatedRunpod()
  left = await startEmulatedRunpod({}, 'none')
  ollama = await startOllama({ models: [MODEL] })
})
afterAll(async () => {
  await ollama.stop()
  await runpod.stop()
  await left.stop()
})

const steps: Step[] = []
afterEach(() => {
  for (const step of steps.splice(0)) step.remove()
})
function step(inputs: Record<string, string>, more: Partial<StepWish> = {}): Step {
  const made = new Step({ inputs, eventName: 'schedule', ...more, env: { ...runpod.env, ...more.env } })
  steps.push(made)
  return made
}

it('answers a prompt on a rented pod, says what it cost, and gives it back', async () => {
  const infer = step({ command: 'infer', prompt: 'Say yes.', model: MODEL, 'runpod-api-key': runpod.apiKey })
  const end = await infer.main()
  expect(end.annotations).toEqual([])
  expect(end.exitCode).toBe(0)
  expect(end.outputs).toMatchObject({ outcome: 'answered', response: expect.stringContaining('Say yes') })
  expect(Number(end.outputs['cost-usd'])).toBeGreaterThan(0)
  expect(end.outputs['pod-name']).toContain(installIdOf(repositoryName.parse('acme/shop')))
  expect(end.masks).toEqual([runpod.apiKey])
  expect(end.summary).toMatch(/\| qwen2\.5-coder:7b \| \d+ \| \d+ \| \$0\.\d+ \|/)
  expect(await runpod.livePods()).toEqual([])
  expect((await infer.post()).exitCode).toBe(0)
})

it('gives back in post what a killed step had rented', async () => {
  const infer = step({ command: 'infer', prompt: 'Say yes.', model: MODEL, 'runpod-api-key': runpod.apiKey })
  const { child, ended } = infer.start()
  await until(async () => (await runpod.livePods()).length === 1)
  child.kill('SIGKILL')
  await ended
  const post = await infer.post()
  expect(post.summary).toMatch(/its process \d+ is gone/)
  expect(post.exitCode).toBe(0)
  expect(await runpod.livePods()).toEqual([])
})

it('rents nothing for more than max-cost-usd', async () => {
  const inputs = { command: 'infer', prompt: 'Say yes.', model: MODEL, 'runpod-api-key': runpod.apiKey }
  const end = await step({ ...inputs, 'max-cost-usd': '0' }).main()
  expect(end.annotations.join()).toContain('error: This job may cost nothing')
  expect(end.exitCode).toBe(3)
  expect(end.outputs['cost-usd']).toBe('0')
  expect(await runpod.livePods()).toEqual([])
})

it('asks any Ollama for nothing', async () => {
  const end = await step({ command: 'infer', prompt: 'Say yes.', engine: ollama.url, model: MODEL }).main()
  expect(end.annotations).toEqual([])
  expect(end.outputs).toMatchObject({ 'cost-usd': '0', conclusion: 'success' })
  expect(end.outputs['pod-name']).toBeUndefined()
})

it.each([
  ['no prompt', { command: 'infer' }, 'needs the input prompt'],
  ['no key', { command: 'infer', prompt: 'x' }, 'needs the input runpod-api-key'],
  [
    'a controller without its key',
    { command: 'infer', prompt: 'x', 'controller-url': 'http://127.0.0.1:9' },
    'without controller-key',
  ],
  ['an engine that is none', { command: 'infer', prompt: 'x', engine: 'gpt' }, 'no http(s) address'],
  ['an amount that is none', { command: 'infer', prompt: 'x', 'max-cost-usd': 'cheap' }, 'no amount'],
  [
    'a config file that is not there',
    { command: 'infer', prompt: 'x', engine: 'http://127.0.0.1:9', config: 'no.yml' },
    'cannot be read',
  ],
  ['reap without a key', { command: 'reap' }, 'needs the input runpod-api-key'],
])('refuses %s', async (_, inputs, sentence) => {
  const end = await step(inputs).main()
  expect(end.annotations.join()).toContain(sentence)
  expect(end.exitCode).toBe(2)
})

it('tells when a controller cannot be reached', async () => {
  const inputs = { command: 'infer', prompt: 'x', 'controller-url': 'http://127.0.0.1:9', 'controller-key': 'k-secret' }
  const end = await step(inputs).main()
  expect(end.annotations.join()).toContain('The controller at http://127.0.0.1:9 could not be reached.')
  expect(end.exitCode).toBe(3)
  expect(end.masks).toEqual(['k-secret'])
})

const nameOf = (repository: string, deadlineAt: number) =>
  buildPodName({
    installId: installIdOf(repositoryName.parse(repository)),
    ulid: `01jd${String(deadlineAt).padStart(22, '0').slice(-22)}`,
    deadlineAt,
  })

it('reaps what is past the deadline in its name, and no more than max-reap', async () => {
  const past = [1, 2, 3].map((minutes) => nameOf('acme/shop', Date.now() - minutes * 3_600_000))
  const kept = [
    nameOf('acme/shop', Date.now() + 3_600_000),
    nameOf('other/shop', Date.now() - 3_600_000),
    'devloop-mine',
  ]
  for (const name of [...past, ...kept]) await left.leave(name)
  expect(await left.livePods()).toHaveLength(6)
  const reap = { command: 'reap', 'runpod-api-key': left.apiKey }

  const dry = await step({ ...reap, 'dry-run': 'true' }, { env: left.env }).main()
  expect(dry.summary).toContain('3 would be ended, 1 kept.')
  expect(await left.livePods()).toHaveLength(6)

  const some = await step({ ...reap, 'max-reap': '2' }, { env: left.env }).main()
  expect(some.annotations.join()).toContain('1 more are due than max-reap allows')
  expect(some.exitCode).toBe(1)
  expect(some.outputs).toMatchObject({ findings: '2', outcome: 'partial' })

  const rest = await step(reap, { env: left.env }).main()
  expect(rest.exitCode).toBe(0)
  expect(rest.outputs).toMatchObject({ findings: '1', conclusion: 'success' })
  expect((await left.livePods()).map(({ name }) => name).sort()).toEqual([...kept].sort())
})

it('fails when it could not look', async () => {
  await runpod.script({ after: 'list', fault: 'unauthorized', times: 20 })
  const end = await step({ command: 'reap', 'runpod-api-key': runpod.apiKey }).main()
  expect(end.exitCode).toBe(3)
  expect(end.annotations[0]).toMatch(/^error: /)
})
