import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openLocalGit } from '../../../adapters/git/local-git.ts'
import { runInProcess } from '../../../cli/__support__/run-in-process.ts'
import type { LocalGit } from '../../../ports/git.ts'
import { startOllama } from '../../ollama/start.ts'

const NAMES = [
  '-rf',
  '--output=pwned',
  'a b',
  'a\tb',
  'a\nb',
  '"quoted"',
  "it's",
  'back\\slash',
  'é日本',
  '\u202Etxt.exe',
  'a|b`c`',
  ':(glob)**',
  '$(touch pwned)',
  '@everyone.md',
  '<img src=x>.md',
  '\u001b[2J.ts',
]
const SECRET = 'what stands outside of the repository'

let folder: string
let root: string
let git: LocalGit
let base: string
let head: string

function run(args: readonly string[], input = ''): string {
  const env = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' }
  const who = [
    '-c',
    'user.name=M',
    '-c',
    'user.email=m@x.test',
    '-c',
    'core.protectHFS=false',
    '-c',
    'core.protectNTFS=false',
  ]
  return execFileSync('git', [...who, ...args], { cwd: root, encoding: 'utf8', env, input }).trim()
}

/** A tree as its bytes: git itself writes no `..`, but reads what others wrote. */
function treeOf(entries: readonly (readonly [mode: string, name: string, id: string])[]): string {
  const bytes = Buffer.concat(
    entries.flatMap(([mode, name, id]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(id, 'hex')]),
  )
  const path = join(folder, 'tree')
  writeFileSync(path, bytes)
  return run(['hash-object', '-t', 'tree', '-w', '--literally', path])
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'devloop-hostile-'))
  root = join(folder, 'repository')
  execFileSync('git', ['init', '-q', '-b', 'main', root])
  writeFileSync(join(folder, 'outside.txt'), SECRET)
  const blob = run(['hash-object', '-w', '--stdin'], 'const a = 1\n')
  const link = run(['hash-object', '-w', '--stdin'], '../outside.txt')
  const empty = run(['commit-tree', treeOf([['100644', 'README.md', blob]]), '-m', 'Begin'])
  base = empty
  run(['update-ref', 'refs/heads/main', base])
  const entries = [
    ...NAMES.map((name) => ['100644', name, blob] as const),
    ['120000', 'AGENTS.md', link] as const,
    ['120000', 'link-to-outside', link] as const,
    ['160000', 'submodule', '1'.repeat(40)] as const,
    ['40000', '..', treeOf([['100644', 'outside.txt', blob]])] as const,
    ['40000', '.git', treeOf([['100644', 'config', blob]])] as const,
    ['100644', 'README.md', blob] as const,
  ].toSorted(([, a], [, b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  head = run(['commit-tree', treeOf(entries), '-p', base, '-m', '\u001b]0;owned\u0007@everyone /devloop stop'])
  run(['update-ref', 'refs/heads/topic', head])
  // What the repository's own configuration would run, if it were let.
  const pwn = `touch ${join(folder, 'pwned')}`
  for (const [key, value] of [
    ['diff.external', pwn],
    ['diff.evil.textconv', pwn],
    ['core.fsmonitor', pwn],
    ['core.pager', pwn],
    ['gpg.program', pwn],
    ['log.showSignature', 'true'],
    ['core.hooksPath', join(folder, 'hooks')],
    ['diff.submodule', 'log'],
  ] as const)
    run(['config', key, value])
  writeFileSync(join(root, '.git', 'info', 'attributes'), '* diff=evil\n')
  git = await openLocalGit(root)
})
afterAll(async () => {
  await git.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('a repository that somebody prepared', () => {
  it('runs none of its programs', async () => {
    const from = await git.find('main')
    const to = await git.find('topic')
    if (from === null || to === null) return expect.fail('no refs')
    await git.diff(from, to)
    await git.changedFiles(from, to)
    await git.log({ to, limit: 10 })
    await git.filesOf([to])
    await git.diff(from, 'staged')
    expect(existsSync(join(folder, 'pwned'))).toBe(false)
  })

  it('would run them if it were let', () => {
    run(['diff', '--ext-diff', 'main', 'topic', '--', 'a b'])
    expect(existsSync(join(folder, 'pwned'))).toBe(true)
    rmSync(join(folder, 'pwned'))
  })

  it('shows every name as it is, and a link as the text it is', async () => {
    const to = await git.find('topic')
    if (to === null) return expect.fail('no topic')
    const files = (await git.changedFiles((await git.find('main')) ?? to, to)).map(({ path }) => path)
    expect(files).toEqual(expect.arrayContaining(NAMES.filter((name) => !name.includes('\n'))))
    expect(await git.readFile('AGENTS.md', to)).toBe('../outside.txt')
    expect(await git.readFile('link-to-outside/x', to)).toBeNull()
    expect(await git.readFile('submodule', to)).toBeNull()
  })

  it.each(['../outside.txt', '/etc/passwd', './../outside.txt', 'link-to-outside', '-', 'a\nHEAD:README.md', 'x\0y'])(
    'gives nothing of the disk for the path %j',
    async (path) => {
      const text = await git.readFile(path, (await git.find('topic')) ?? ('' as never))
      expect(text ?? '').not.toContain(SECRET)
    },
  )

  it.each([
    '--output=pwned',
    '-O',
    '--upload-pack=touch pwned',
    '--help',
    '-',
    'main..topic',
    'main:README.md',
    'main\ntopic',
    '',
  ])('has no commit called %j', async (ref) => {
    expect(await git.find(ref)).toBeNull()
  })
})

describe('the command line over it', () => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals act on them
  const ACTING = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/u

  it.each([
    ['review', '--base', 'main', '--head', 'topic', '--engine', 'ENGINE'],
    ['review', '--base', 'main', '--head', 'topic', '--engine', 'ENGINE', '--format', 'markdown'],
    ['review', '--base', 'main', '--head', 'topic', '--estimate'],
    ['check', '--base', 'main', '--head', 'topic', '--branch', '\u001b[2Jbranch'],
    ['check', '--base', 'main', '--head', 'topic', '--format', 'github'],
    ['check', '--base', '\u001b]0;owned\u0007'],
    ['review', '--base', '--output=pwned'],
  ])('%s %s %j: prints nothing that a terminal acts upon', async (...args) => {
    const ollama = await startOllama()
    try {
      const given = args.map((arg) => (arg === 'ENGINE' ? ollama.url : arg))
      const { stdout, stderr } = await runInProcess(given, { cwd: root })
      expect(stdout + stderr).not.toBe('')
      expect(ACTING.exec(stdout + stderr)?.[0]).toBeUndefined()
      expect(existsSync(join(root, 'pwned'))).toBe(false)
    } finally {
      await ollama.stop()
    }
  })
})
