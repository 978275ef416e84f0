import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../config/resolved-config.ts'
import { evaluate } from '../../governance/evaluate.ts'
import { healthySnapshot } from '../../governance/healthy-snapshot.ts'
import { checkJson } from '../../governance/render/check-json.ts'
import { serializeSnapshot } from '../../governance/snapshot-hash.ts'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

const POLICY = 'governance:\n  rules: {plan/scope: block}\n  branches: {staging: null}\n  reviews: {approvals: 0}\n'
const PLAN = `# Plan v0.1

## Phase 1: Begin ⏳

- [ ] T-101 Say things louder {paths: src/**}
`

const opened: ScratchRepository[] = []
function shop(): ScratchRepository {
  const repository = new ScratchRepository()
  opened.push(repository)
  return repository
    .write({ '.github/devloop.yml': POLICY, 'DEV_MAN/active/plan_v0.1.md': PLAN, 'src/a.ts': 'a\n' })
    .commit('Begin')
}
afterEach(() => {
  for (const repository of opened.splice(0)) repository.remove()
})

const check = (repository: ScratchRepository, ...args: string[]) =>
  runInProcess(['check', ...args], { cwd: repository.root })

describe('devloop check', () => {
  it('is green on a repository in order', async () => {
    const end = await check(shop())
    expect(end.stdout).toMatch(/^✓ Nothing holds this change/)
    expect(end).toMatchObject({ exitCode: 0, stderr: '' })
  })

  it.each([
    ['a second active plan', { 'DEV_MAN/active/plan_v0.2.md': PLAN.replace('0.1', '0.2') }, [], 'plan/one-active'],
    ['a stray file', { 'DEV_MAN/active/notes.txt': 'x\n' }, [], 'plan/name-version'],
    ['an untracked scope', { 'other/b.ts': 'b\n' }, ['--branch', 'phase-1/T-101-loud'], 'plan/scope'],
    ['a wrong branch name', { 'src/a.ts': 'A\n' }, ['--branch', 'quick-fix'], 'branch/name'],
  ])('turns red for %s', async (_, files, args, rule) => {
    const repository = shop().write(files)
    repository.git('add', '-A')
    const end = await check(repository, '--staged', ...args)
    expect(end.exitCode).toBe(1)
    expect(end.stdout).toMatch(new RegExp(`✗ ${rule} +block`))
    expect(end.stdout).toContain('→ ')
    const answer = JSON.parse((await check(repository, '--staged', '--json', ...args)).stdout)
    expect(Object.keys(answer).sort()).toEqual(
      ['conclusion', 'drift', 'policyHash', 'rules', 'shortestPath', 'snapshotHash'].sort(),
    )
    expect(answer.conclusion).toBe('failure')
    const failed = answer.rules.filter((one: { status: string; level: string }) => one.status === 'fail')
    expect(failed.map((one: { id: string }) => one.id)).toContain(rule)
    expect((await check(repository, '--staged', '--dry-run', ...args)).exitCode).toBe(0)
  })

  it('compares a branch with the one it would be merged into', async () => {
    const repository = shop()
    repository.git('checkout', '-q', '-b', 'phase-1/T-101-loud')
    repository.write({ 'src/a.ts': 'A\n' }).commit('Louder\n\nPlan: T-101')
    expect((await check(repository)).exitCode).toBe(0)
    expect((await check(repository, '--base', 'main', '--head', 'phase-1/T-101-loud')).exitCode).toBe(0)
    repository.write({ 'docs/x.md': 'x\n' }).commit('More')
    const end = await check(repository, '--format', 'github')
    expect(end.exitCode).toBe(1)
    expect(end.stdout).toMatch(/^::error .*docs\/x\.md/m)
    const sarif = JSON.parse((await check(repository, '--format', 'sarif')).stdout)
    expect(sarif.version).toBe('2.1.0')
    expect(sarif.runs[0].results.map((result: { ruleId: string }) => result.ruleId)).toContain('plan/scope')
  })

  it('does not block where there is no policy, and says how to begin', async () => {
    const repository = new ScratchRepository().write({ a: 'a\n' }).commit('Begin')
    opened.push(repository)
    const end = await check(repository)
    expect(end.exitCode).toBe(0)
    expect(JSON.parse((await check(repository, '--json')).stdout).conclusion).toBe('neutral')
  })

  it('fails for a policy that cannot be read, with its place', async () => {
    const repository = shop().write({ '.github/devloop.yml': 'governance:\n  brunches: {}\n' })
    repository.git('add', '-A')
    const end = await check(repository, '--staged')
    expect(end.exitCode).toBe(1)
    expect(end.stderr).toMatch(/^\.github\/devloop\.yml:2:\d+: .*branches/)
  })

  it('evaluates a recorded snapshot again to the same bytes', async () => {
    const repository = shop()
    const config = defaultConfig()
    const snapshot = healthySnapshot(config)
    const text = `{"snapshot":${serializeSnapshot(snapshot)},"policy":${JSON.stringify(config)}}`
    writeFileSync(join(repository.root, 'facts.json'), text)
    const first = await check(repository, '--facts', 'facts.json', '--json')
    expect(first.stdout).toBe(`${JSON.stringify(checkJson(evaluate(snapshot, config)))}\n`)
    expect((await check(repository, '--facts', 'facts.json', '--json')).stdout).toBe(first.stdout)
    writeFileSync(join(repository.root, 'bare.json'), serializeSnapshot(snapshot))
    expect(JSON.parse((await check(repository, '--facts', 'bare.json', '--json')).stdout).policyHash).not.toBe(
      JSON.parse(first.stdout).policyHash,
    )
  })

  it('names what it cannot work with', async () => {
    const none = new ScratchRepository({ init: false })
    const empty = new ScratchRepository()
    opened.push(none, empty)
    const full = shop()
    full.git('checkout', '-q', '--detach')
    full.write({ 'facts.json': '{}' })
    const cases = [
      [none, [], 'not-a-repository', /is not in a git work tree/],
      [empty, [], 'empty', /no commit yet/],
      [full, ['--base', 'nowhere'], 'no-such-ref', /nowhere is no branch/],
      [full, ['--head', 'nowhere'], 'no-such-ref', /nowhere is no branch/],
      [full, ['--facts', 'facts.json'], 'unreadable-input', /no recorded snapshot/],
      [full, ['--staged', '--head', 'main'], 'usage', /two different changes/],
    ] as const
    for (const [repository, args, code, sentence] of cases) {
      const end = await check(repository, ...args)
      expect(end).toMatchObject({ exitCode: 2, stdout: '' })
      expect(end.stderr).toMatch(sentence)
      const json = await check(repository, '--json', ...args)
      expect(JSON.parse(json.stdout).error).toMatchObject({ code, remedy: expect.stringMatching(/\w/) })
    }
    expect((await check(full)).stdout).toContain('--branch')
  })

  it('says how to fetch what a shallow clone lacks', async () => {
    const repository = shop().write({ 'src/b.ts': 'b\n' }).commit('More')
    const clone = new ScratchRepository({ init: false })
    opened.push(clone)
    clone.git('clone', '-q', '--depth', '1', `file://${repository.root}`, 'shallow')
    const end = await runInProcess(['check', '--repo', 'shallow'], { cwd: clone.root })
    expect(`${end.stdout}${end.stderr}`).toContain('git fetch --unshallow')
  })
})
