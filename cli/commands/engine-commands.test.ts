import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startRunpod } from '../../sandbox/runpod/start.ts'
import { runInProcess } from '../__support__/run-in-process.ts'
import { startProcess } from '../__support__/run-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

const folders: ScratchRepository[] = []
function folder(): string {
  const scratch = new ScratchRepository({ init: false })
  folders.push(scratch)
  return scratch.root
}
afterEach(() => {
  for (const scratch of folders.splice(0)) scratch.remove()
})

const answer = z.object({ output: z.string(), cost: z.object({ usd: z.number() }) })

describe('a command that rents, as a process', () => {
  let runpod: Awaited<ReturnType<typeof startRunpod>>
  const env = () => ({
    RUNPOD_API_URL: runpod.url,
    RUNPOD_PROXY_URL: runpod.proxyUrl,
    RUNPOD_API_KEY: runpod.apiKey,
  })
  beforeAll(async () => {
    runpod = await startRunpod({ podRuntime: 'process' })
  })
  afterAll(() => runpod.stop())

  it('brings its own account with --engine sandbox, answers, and ends by itself', async () => {
    const end = await startProcess(['infer', 'hello', '--engine', 'sandbox', '--json'], folder()).end
    expect(end).toMatchObject({ code: 0, signal: null })
    const said = answer.parse(JSON.parse(end.stdout))
    expect(said.output).toContain('hello')
    expect(said.cost.usd).toBeGreaterThan(0)
  })

  it('gives back and exits when it is interrupted', async () => {
    const run = startProcess(['infer', 'hello', '--engine', 'runpod'], folder(), env())
    await run.said(/renting|booting/)
    run.kill('SIGINT')
    const end = await run.end
    expect(end).toMatchObject({ code: 3, stdout: '' })
    expect(end.stderr).toContain('Stopped on request; everything that was started has been ended.')
    expect(runpod.livePods()).toEqual([])
  })

  it('leaves after kill -9 nothing that `pods reap` does not end, and the pods of others alone', async () => {
    const here = folder()
    const foreign = await fetch(`${runpod.url}/pods`, {
      method: 'POST',
      headers: { authorization: `Bearer ${runpod.apiKey}` },
      body: JSON.stringify({
        name: 'somebody-else',
        image: 'x',
        gpu: { id: 'NVIDIA L4', count: 1 },
        cloud: 'SECURE',
        disk: 20,
        ports: ['8080/http'],
        env: {},
      }),
    })
    expect(foreign.ok).toBe(true)
    for (const moment of [/queued/, /renting/, /booting|loading|ready/]) {
      const run = startProcess(['infer', 'hello', '--engine', 'runpod'], here, env())
      await run.said(moment)
      run.kill('SIGKILL')
      expect((await run.end).signal).toBe('SIGKILL')
      const held = runpod.livePods().length
      const reap = await startProcess(['pods', 'reap', '--json'], here, env()).end
      expect(reap).toMatchObject({ code: 0, stderr: '' })
      expect(runpod.livePods().map(({ name }) => name)).toEqual(['somebody-else'])
      expect(JSON.parse(reap.stdout).ended.length).toBeGreaterThanOrEqual(held - 1)
    }
  }, 30_000)
})

const DIFF = `diff --git a/src/a.ts b/src/a.ts
index 1111111..2222222 100644
--- a/src/a.ts
+++ b/src/a.ts
@@ -1,2 +1,3 @@
 export function run(text: string) {
+  eval(text)
 }
`

describe('devloop review', () => {
  let runpod: Awaited<ReturnType<typeof startRunpod>>
  beforeAll(async () => {
    runpod = await startRunpod({ podRuntime: 'process' })
  })
  afterAll(() => runpod.stop())
  const env = () => ({
    RUNPOD_API_URL: runpod.url,
    RUNPOD_PROXY_URL: runpod.proxyUrl,
    RUNPOD_API_KEY: runpod.apiKey,
  })
  const review = (args: readonly string[], stdin = DIFF) =>
    runInProcess(['review', '--diff', '-', ...args], { cwd: folder(), stdin, env: env() })

  it('says what it found in a diff from stdin, as public JSON', async () => {
    const end = await review(['--engine', 'runpod', '--json'])
    expect(end).toMatchObject({ exitCode: 1, stderr: '' })
    const said = JSON.parse(end.stdout)
    expect(said).toMatchObject({ outcome: 'posted', usage: { calls: expect.any(Number) } })
    expect(said.findings[0]).toMatchObject({ path: 'src/a.ts', line: 2, quote: 'eval(text)' })
    expect(said.coverage).toEqual([expect.objectContaining({ path: 'src/a.ts', state: 'reviewed' })])
    expect(said.cost.usd).toBeGreaterThan(0)
    expect(said.receipt.model).toBe('qwen3-coder:30b')
    expect(runpod.livePods()).toEqual([])
  })

  it('estimates without renting', async () => {
    const rented = runpod.pods().length
    const text = await review(['--estimate', '--engine', 'runpod'])
    expect(text.exitCode).toBe(0)
    expect(text.stdout).toContain('nothing was rented')
    const json = JSON.parse((await review(['--estimate', '--json'])).stdout)
    expect(json).toMatchObject({ prompts: 1, coverage: [{ path: 'src/a.ts', state: 'reviewed' }] })
    expect(runpod.pods()).toHaveLength(rented)
  })

  it('finds nothing to read in an empty diff, and rents nothing for it', async () => {
    const rented = runpod.pods().length
    const end = await review(['--engine', 'runpod'], '')
    expect(end).toMatchObject({ exitCode: 0 })
    expect(end.stdout).toMatch(/^clean/)
    expect(runpod.pods()).toHaveLength(rented)
  })

  it.each([
    ['no diff', [], 'hello', /no unified diff/],
    ['a diff and a base', ['--base', 'main'], DIFF, /Leave --base and --head out/],
    ['an engine that is none', ['--engine', 'gpu'], DIFF, /--engine gpu is none/],
    ['a cost that is none', ['--max-cost', 'much'], DIFF, /--max-cost takes dollars/],
  ])('refuses %s', async (_, args, stdin, sentence) => {
    const end = await review(args, stdin)
    expect(end).toMatchObject({ exitCode: 2, stdout: '' })
    expect(end.stderr).toMatch(sentence)
  })

  it('reads a change of a repository and says so in SARIF, Markdown and text', async () => {
    const repository = new ScratchRepository().write({ 'src/a.ts': 'export function run(text: string) {\n}\n' })
    folders.push(repository)
    repository.commit('Begin').git('checkout', '-q', '-b', 'topic')
    repository.write({ 'src/a.ts': 'export function run(text: string) {\n  eval(text)\n}\n' }).commit('Runs it')
    const run = (...args: string[]) =>
      runInProcess(['review', '--base', 'main', '--head', 'topic', '--engine', 'http://127.0.0.1:9', ...args], {
        cwd: repository.root,
        env: env(),
      })
    const sarif = JSON.parse((await run('--format', 'sarif')).stdout)
    expect(sarif.version).toBe('2.1.0')
    const text = await run()
    expect(text.exitCode).toBe(3)
    expect(text.stdout).toMatch(/^failed/)
    expect(text.stdout).toContain('No model review')
    expect((await run('--format', 'markdown')).stdout).toContain('No model review')
  })
})
