import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { repositoryName } from '../ports/ids.ts'
import { installIdOf } from '../fleet/pod-name.ts'
import { type EmulatedRunpodProcess, startEmulatedRunpod } from './__support__/emulated-runpod.ts'
import { Step, type StepWish } from './__support__/run-action.ts'
import { until } from './__support__/until.ts'

let runpod: EmulatedRunpodProcess
beforeAll(async () => {
  runpod = await startEmulatedRunpod()
})
afterAll(() => runpod.stop())

let repositories = 0
/** Waiting is most of what these tests do, so they wait side by side: each for pods of a repository of its own. */
const it = test.extend<{
  repository: string
  pod: (inputs: Record<string, string>, more?: Partial<StepWish>) => Step
  pods: { live(): ReturnType<EmulatedRunpodProcess['livePods']>; rented(): Promise<number> }
}>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from the pattern what a fixture needs.
  repository: async ({}, use) => use(`acme/shop-${++repositories}`),
  async pod({ repository }, use) {
    const steps: Step[] = []
    await use((inputs, more = {}) => {
      const step = new Step({
        inputs: { command: 'pod', 'runpod-api-key': runpod.apiKey, model: 'qwen2.5-coder:7b', ...inputs },
        eventName: 'workflow_dispatch',
        ...more,
        env: { ...runpod.env, GITHUB_REPOSITORY: repository, ...more.env },
      })
      steps.push(step)
      return step
    })
    for (const step of steps) {
      endScript(step)
      await step.post()
      step.remove()
    }
  },
  async pods({ repository }, use) {
    const mark = `devloop-${installIdOf(repositoryName.parse(repository))}-`
    await use({
      live: async () => (await runpod.livePods()).filter(({ name }) => name.startsWith(mark)),
      rented: async () => (await runpod.allPods()).filter(({ name }) => name.startsWith(mark)).length,
    })
  },
})

const folderOf = (step: Step) => {
  const temp = join(step.folder, 'temp')
  return join(temp, readdirSync(temp).find((name) => name.startsWith('devloop-')) ?? 'none')
}
/** GitHub's runner ends what a killed step leaves behind. */
function endScript(step: Step): void {
  const file = join(step.folder, 'workspace', 'started')
  if (!existsSync(file)) return
  try {
    process.kill(-Number(readFileSync(file, 'utf8')), 'SIGKILL')
  } catch {
    // It has ended with its step.
  }
}
const gatewayPid = (step: Step) => Number(readFileSync(join(folderOf(step), 'gateway.pid'), 'utf8'))

const ASK = `
curl -fsS "$OLLAMA_HOST/api/version"
curl -fsS "$OPENAI_BASE_URL/models"
curl -fsS -H "Authorization: Bearer $CONTROLLER_KEY" -d '{"prompt": "Say yes."}' "$CONTROLLER_URL/infer" > answer.json
test "$(curl -s -o /dev/null -w '%{http_code}' "$CONTROLLER_URL/api/version")" = 401
test -z "\${RUNPOD_API_KEY:-}" && ! env | grep -q ^INPUT_
`

// The longest goes first.
it.concurrent('stops run where max-cost-usd is reached, gives the pod back, says so and fails', async ({
  pod,
  pods,
}) => {
  const step = pod({ run: 'echo $$ > started; sleep 60; echo beyond', 'max-cost-usd': '0.0015' })
  const end = await step.main()
  expect(existsSync(join(step.folder, 'workspace', 'started'))).toBe(true)
  expect(end.log).not.toContain('beyond')
  expect(end.annotations).toEqual([
    'error: The job reached the $0.0015 it may cost. Raise max-cost-usd or budget.perJobUsd, or ask for less.',
  ])
  expect(end.exitCode).toBe(2)
  expect(end.outputs).toMatchObject({ conclusion: 'error', outcome: 'failed' })
  expect(Number(end.outputs['cost-usd'])).toBeGreaterThanOrEqual(0.0015)
  expect(Number(end.outputs['cost-usd'])).toBeLessThan(0.003)
  expect(end.summary).toMatch(/\| stopped \| \$0\.00\d+ \|/)
  expect(await pods.live()).toEqual([])
  const post = await step.post()
  expect(post.annotations.join()).toContain('warning: The pod was given back before the job ended: The job reached')
  expect(post.exitCode).toBe(0)
})

it.concurrent('rents a pod for run and for following steps, and post gives it back', async ({ pod, pods }) => {
  const step = pod({ run: ASK })
  const end = await step.main()
  expect(end.log).not.toContain('::error')
  expect(end.exitCode).toBe(0)
  expect(end.outputs).toMatchObject({ conclusion: 'success', 'pod-name': expect.stringMatching(/^devloop-/) })
  expect(Number(end.outputs['cost-usd'])).toBeGreaterThan(0)
  expect(JSON.parse(readFileSync(join(step.folder, 'workspace', 'answer.json'), 'utf8'))).toMatchObject({
    output: expect.any(String),
    cost: { usd: expect.any(Number) },
  })
  // A following step.
  expect(end.masks).toContain(end.exported.CONTROLLER_KEY)
  expect((await fetch(`${end.exported.OLLAMA_HOST}/api/tags`)).status).toBe(200)
  expect(await pods.live()).toHaveLength(1)
  const post = await step.post()
  expect(post.exitCode).toBe(0)
  expect(post.summary).toMatch(/Cost in all: \$0\.\d+/)
  expect(await pods.live()).toEqual([])
})

it.concurrent('ends with the exit code of run', async ({ pod, pods }) => {
  const step = pod({ run: 'echo before; exit 42; echo beyond' })
  const end = await step.main()
  expect(end.exitCode).toBe(42)
  expect(end.log).toContain('before')
  expect(end.log).not.toContain('beyond')
  expect(end.annotations).toContain('error: `run` ended with exit code 42.')
  expect((await step.post()).exitCode).toBe(0)
  expect(await pods.live()).toEqual([])
})

it.concurrent('gives the pod back when the run is cancelled', async ({ pod, pods }) => {
  const step = pod({ run: 'echo $$ > started; sleep 60' })
  const { child, ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  child.kill('SIGTERM')
  const end = await ended
  expect(end.exitCode).toBe(3)
  expect(end.annotations.join()).toContain('The step was cancelled')
  expect((await step.post()).exitCode).toBe(0)
  expect(await pods.live()).toEqual([])
})

it.concurrent('gives the pod back in post after the step was killed', async ({ pod, pods }) => {
  const step = pod({ run: 'echo $$ > started; sleep 60' })
  const { child, ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  child.kill('SIGKILL')
  await ended
  expect(await pods.live()).toHaveLength(1)
  expect((await step.post()).exitCode).toBe(0)
  expect(await pods.live()).toEqual([])
})

it.concurrent('finds the pod by its name when the gateway was killed too', async ({ pod, pods }) => {
  const step = pod({ run: 'echo $$ > started; sleep 60' })
  const { child, ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  process.kill(gatewayPid(step), 'SIGKILL')
  child.kill('SIGKILL')
  await ended
  const post = await step.post()
  expect(post.summary).toMatch(/its process \d+ is gone/)
  expect(post.exitCode).toBe(0)
  expect(await pods.live()).toEqual([])
})

it.concurrent('gives the pod back by itself when the job is gone and post never runs', async ({ pod, pods }) => {
  const step = pod({ run: 'echo $$ > started; sleep 60' }, { worker: true })
  const { child, ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  child.kill('SIGKILL')
  await ended
  await until(async () => (await pods.live()).length === 0)
})

it.concurrent('leaves no pod when neither post runs nor the gateway lives: the guard ends it', async ({
  pod,
  pods,
}) => {
  const guard = {
    GUARD_HEARTBEAT_MS: '1500',
    GUARD_IDLE_MS: '1500',
    GUARD_BOOT_GRACE_MS: '1500',
    GUARD_CHECK_EVERY_MS: '200',
  }
  const step = pod({ run: 'echo $$ > started; sleep 60' }, { env: guard })
  const { child, ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  process.kill(gatewayPid(step), 'SIGKILL')
  child.kill('SIGKILL')
  await ended
  await until(async () => (await pods.live()).length === 0)
})

it.concurrent('stops run when the engine is lost under it', async ({ pod, pods }) => {
  const step = pod({ run: 'echo $$ > started; sleep 60' })
  const { ended } = step.start()
  await until(() => readdirSync(join(step.folder, 'workspace')).includes('started'))
  await runpod.kill((await pods.live())[0]?.id ?? '')
  const end = await ended
  expect(end.annotations.join()).toMatch(/error: The pod devloop-\S+ was lost/)
  expect(end.exitCode).toBe(3)
  expect(await pods.live()).toEqual([])
})

it.concurrent('rents nothing that max-cost-usd cannot pay for', async ({ pod, pods }) => {
  const before = await pods.rented()
  const end = await pod({ run: 'echo never', 'max-cost-usd': '0.0001' }).main()
  expect(end.annotations.join()).toMatch(
    /error: Renting costs at least \$0\.\d+, above the \$0\.0001 this job may cost/,
  )
  expect(end.exitCode).not.toBe(0)
  expect(await pods.rented()).toBe(before)
})

it('says in one sentence that no GPU is to be had', async ({ pod }) => {
  await runpod.script({ after: 'create', fault: 'no-capacity', times: 1_000 })
  const end = await pod({ run: 'echo never' }, { env: { FLEET_WAIT_MS: '1500' } }).main()
  expect(end.exitCode).toBe(3)
  expect(end.annotations.join()).toMatch(/error: No pod for qwen2\.5-coder:7b within \d+ s/)
  expect(end.log).not.toContain('never')
})

it('refuses to begin without a key, and rents nothing in a dry run', async ({ pod, pods }) => {
  const before = await pods.rented()
  const keyless = await pod({ 'runpod-api-key': '' }).main()
  expect(keyless.exitCode).toBe(2)
  expect(keyless.annotations.join()).toContain('needs the input runpod-api-key')
  const dry = await pod({ 'dry-run': 'true', run: 'echo never' }).main()
  expect(dry.exitCode).toBe(0)
  expect(dry.summary).toContain('Nothing was rented')
  expect(await pods.rented()).toBe(before)
})
