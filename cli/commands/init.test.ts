import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

const opened: ScratchRepository[] = []
function fresh(files: Readonly<Record<string, string>> = {}): ScratchRepository {
  const repository = new ScratchRepository().write(files)
  opened.push(repository)
  return repository
}
afterEach(() => {
  for (const repository of opened.splice(0)) repository.remove()
})

const run = ({ root }: ScratchRepository, ...args: string[]) => runInProcess(args, { cwd: root })
const read = ({ root }: ScratchRepository, path: string) => readFileSync(join(root, path), 'utf8')

/** The command as a hook finds it. */
function installInto({ root }: ScratchRepository): void {
  const bin = join(root, 'node_modules', '.bin')
  mkdirSync(bin, { recursive: true })
  const main = join(import.meta.dirname, '..', 'main.ts')
  writeFileSync(join(bin, 'devloop'), `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`)
  chmodSync(join(bin, 'devloop'), 0o755)
  writeFileSync(join(root, '.git', 'info', 'exclude'), 'node_modules\n')
}

describe('devloop init', () => {
  it('leads a fresh user from an empty repository to green, red, and by the remedy alone to green again', async () => {
    const repository = fresh()
    installInto(repository)
    const init = await run(repository, 'init')
    expect(init).toMatchObject({ exitCode: 0, stderr: '' })
    repository.commit('Begin')
    const green = await run(repository, 'check')
    expect(green.stdout).toMatch(/^✓ Nothing holds this change/)
    expect(green.exitCode).toBe(0)

    repository.write({ 'DEV_MAN/active/notes.md': 'Things to remember\n' })
    repository.git('add', '-A')
    expect(() => repository.git('commit', '-q', '-m', 'Notes')).toThrow(/plan\/name-version/)
    const red = await run(repository, 'check', '--staged')
    expect(red.exitCode).toBe(1)
    expect(red.stdout).toContain('DEV_MAN/active/notes.md is not a plan')
    const [, stray = ''] = /1\. Move (\S+) out of active\//.exec(red.stdout) ?? []
    repository.git('mv', stray, stray.replace('active/', ''))
    expect((await run(repository, 'check', '--staged')).exitCode).toBe(0)
    repository.git('commit', '-q', '-m', 'Notes, moved')
  })

  it('writes policy, plan, workflow, hooks and rule files, and a second run changes nothing', async () => {
    const repository = fresh({ 'package-lock.json': '{}' })
    const first = JSON.parse((await run(repository, 'init', '--json')).stdout)
    expect(first).toMatchObject({ branch: 'main', hooks: 'git', packageManager: 'npm' })
    expect(first.files.map(({ path }: { path: string }) => path)).toEqual([
      '.github/devloop.yml',
      'DEV_MAN/active/plan_v0.1.md',
      'DEV_MAN/completed/README.md',
      '.github/workflows/devloop.yml',
      '.git/hooks/pre-commit',
      '.git/hooks/pre-push',
      'AGENTS.md',
      '.cursor/rules/devloop.mdc',
    ])
    expect(statSync(join(repository.root, '.git/hooks/pre-commit')).mode & 0o777).toBe(0o755)
    const second = JSON.parse((await run(repository, 'init', '--json')).stdout)
    expect(new Set(second.files.map(({ step }: { step: string }) => step))).toEqual(new Set(['same']))
  })

  it('keeps what people wrote, and overwrites it with --force', async () => {
    const mine = 'version: 1\ngovernance:\n  reviews: {approvals: 2}\n'
    const repository = fresh({ '.github/devloop.yml': mine, 'AGENTS.md': '# Ours\n\nBe kind.\n' })
    const kept = await run(repository, 'init')
    expect(kept.stdout).toMatch(/keep +\.github\/devloop\.yml +stands there already; --force overwrites it/)
    expect(read(repository, '.github/devloop.yml')).toBe(mine)
    expect(read(repository, 'AGENTS.md')).toMatch(/^# Ours\n\nBe kind\.\n\n<!-- devloop:begin/)
    await run(repository, 'init', '--force')
    expect(read(repository, '.github/devloop.yml')).not.toBe(mine)
    expect(read(repository, 'AGENTS.md')).toContain('Be kind.')
  })

  it('shows the difference and writes nothing with --dry-run', async () => {
    const repository = fresh({ 'AGENTS.md': '# Ours\n' })
    const end = await run(repository, 'init', '--dry-run')
    expect(end.stdout).toContain('--- /dev/null\n+++ .github/devloop.yml\n@@ line 1 @@\n+# What holds')
    expect(end.stdout).toContain('--- AGENTS.md\n+++ AGENTS.md\n')
    expect(end.stdout).not.toContain('+# Ours')
    expect(repository.git('status', '--porcelain')).toBe('?? AGENTS.md')
  })

  it.each([
    [
      'lefthook',
      { 'lefthook.yml': 'pre-commit:\n  commands: {}\n' },
      'lefthook.yml',
      'extends:\n  - lefthook-devloop.yml',
    ],
    [
      'lefthook',
      { 'lefthook.yml': 'extends:\n  - a.yml\n' },
      'lefthook.yml',
      'extends:\n  - lefthook-devloop.yml\n  - a.yml',
    ],
    ['husky', { '.husky/pre-commit': 'npm test\n' }, '.husky/pre-commit', 'npm test\n# devloop:begin\n'],
  ])('speaks the words of %s', async (hooks, files, path, text) => {
    const repository = fresh(files)
    expect(JSON.parse((await run(repository, 'init', '--json')).stdout).hooks).toBe(hooks)
    expect(read(repository, path)).toContain(text)
    const again = JSON.parse((await run(repository, 'init', '--json')).stdout)
    expect(new Set(again.files.map(({ step }: { step: string }) => step))).toEqual(new Set(['same']))
  })

  it('names the staging branch where there is one', async () => {
    const repository = fresh({ a: 'a\n' }).commit('Begin')
    repository.git('branch', 'dev')
    await run(repository, 'init')
    expect(read(repository, '.github/devloop.yml')).toContain('{main: main, staging: dev,')
  })
})
