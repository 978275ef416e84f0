import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { createKey } from '../app/controller/keys.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import { systemClock } from '../adapters/system/system-clock.ts'
import type { KeyScope } from '../ports/store.ts'
import { type Product, startProduct } from '../sandbox/e2e/__support__/start-product.ts'
import { pullRequestEvent } from './__support__/events.ts'
import { Step, type StepWish } from './__support__/run-action.ts'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.stop())

const steps: Step[] = []
afterEach(() => {
  for (const step of steps.splice(0)) step.remove()
})
async function step(scope: KeyScope, inputs: Record<string, string>, more: Partial<StepWish> = {}): Promise<Step> {
  const wish = { name: 'workflow', scopes: [scope], models: null, monthlyMicroUsd: null }
  const world = { keys: product.server.parts.store.keys, clock: systemClock, random: createSystemRandom() }
  const { key } = await createKey(wish, world)
  const made = new Step({
    inputs: { 'controller-url': product.server.url, 'controller-key': key, ...inputs },
    eventName: 'workflow_dispatch',
    ...more,
  })
  steps.push(made)
  return made
}

it('infer is answered and billed by the controller, which rents and gives back', async () => {
  const end = await (await step('infer', { command: 'infer', prompt: 'Say yes.' })).main()
  expect(end.annotations).toEqual([])
  expect(end).toMatchObject({ exitCode: 0, outputs: { conclusion: 'success', outcome: 'answered' } })
  expect(end.outputs.response).toContain('Say yes')
  expect(Number(end.outputs['cost-usd'])).toBeGreaterThan(0)
  expect(end.masks).toHaveLength(1)
  await product.expectProper()
})

it('review reads a change through the gateway of the controller', async () => {
  const made = await step('infer', { command: 'review' }, { eventName: 'pull_request' })
  const { baseSha, headSha } = twoCommits(join(made.folder, 'workspace'))
  writeFileSync(join(made.folder, 'event.json'), JSON.stringify(pullRequestEvent({ headSha, baseSha })))
  const end = await made.main()
  expect(end.annotations.filter((line) => line.startsWith('error'))).toEqual([])
  expect(end.exitCode).toBe(0)
  expect(['posted', 'clean']).toContain(end.outputs.outcome)
  expect(end.summary).toContain('| `a.ts` |')
  expect(end.summary).toContain('Cost: billed by the controller')
  expect(end.outputs['cost-usd']).toBeUndefined()
  await product.expectProper()
  expect(product.runpod.pods().length).toBe(2)
})

it('pod lets the steps of a job share the pods of the controller', async () => {
  const run = 'curl -fsS "$OLLAMA_HOST/api/version" && curl -fsS "$OPENAI_BASE_URL/models"'
  const made = await step('infer', { command: 'pod', run, 'max-cost-usd': '1' })
  const end = await made.main()
  expect(end.annotations).toEqual([expect.stringContaining('warning: max-cost-usd does not bind `command: pod`')])
  expect(end).toMatchObject({ exitCode: 0, outputs: { conclusion: 'success' } })
  expect(end.outputs['pod-name']).toBeUndefined()
  expect((await made.post()).exitCode).toBe(0)
  await product.expectProper()
})

it.each([
  ['infer', { command: 'infer', prompt: 'Say yes.' }, 3],
  ['pod', { command: 'pod', run: 'echo never' }, 3],
])('%s says which scope a key lacks', async (_, inputs, exitCode) => {
  const made = await step('read', inputs)
  const end = await made.main()
  expect(end.annotations.join()).toMatch(/error: .*infer/)
  expect(end.exitCode).toBe(exitCode)
  expect(end.log).not.toContain('never')
})

/** A change with something to find, as actions/checkout leaves it. */
function twoCommits(folder: string) {
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=Bob', '-c', 'user.email=bob@example.org', ...args], {
      encoding: 'utf8',
    }).trim()
  const commit = (text: string) => {
    writeFileSync(join(folder, 'a.ts'), text)
    git('add', '.')
    git('commit', '-q', '-m', 'Work')
    return git('rev-parse', 'HEAD')
  }
  git('init', '-q', '-b', 'main')
  return { baseSha: commit('export const a = 1\n'), headSha: commit('export const a = 1\nexport const b = 2\n') }
}
