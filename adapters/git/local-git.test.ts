import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { LocalGit } from '../../ports/git.ts'
import type { CommitSha } from '../../ports/ids.ts'
import { openLocalGit } from './local-git.ts'

const top = mkdtempSync(join(tmpdir(), 'local-git-'))
const origin = join(top, 'origin')
const open: LocalGit[] = []

function git(folder: string, ...args: string[]): string {
  const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...who, ...args], {
    cwd: folder,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim()
}
function write(path: string, text: string): void {
  mkdirSync(dirname(join(origin, path)), { recursive: true })
  writeFileSync(join(origin, path), text)
}
function commit(message: string): CommitSha {
  git(origin, 'add', '-A')
  git(origin, 'commit', '-q', '--allow-empty', '-m', message)
  return git(origin, 'rev-parse', 'HEAD') as CommitSha
}
async function use(folder: string): Promise<LocalGit> {
  const local = await openLocalGit(folder)
  open.push(local)
  return local
}

describe('a local repository', () => {
  let first: CommitSha
  let second: CommitSha
  let main: CommitSha
  beforeAll(() => {
    mkdirSync(origin)
    git(origin, 'init', '-q')
    write('DEV_MAN/active/plan_v0.1.md', '# Plan v0.1\n')
    write('DEV_MAN/completed/été "x".md', 'old\n')
    write('old name.txt', `${'line\n'.repeat(20)}`)
    symlinkSync('plan_v0.1.md', join(origin, 'DEV_MAN/active/link.md'))
    first = commit('First\n\nPlan: T-1')
    git(origin, 'checkout', '-q', '-b', 'phase-1/topic')
    git(origin, 'mv', 'old name.txt', 'new name.txt')
    write('DEV_MAN/active/plan_v0.1.md', '# Plan v0.1\n\nmore\n')
    write('run.sh', 'true\n')
    chmodSync(join(origin, 'run.sh'), 0o755)
    second = commit('Second\n\nCo-authored-by: Bob <bob@example.com>')
    git(origin, 'checkout', '-q', 'main')
    write('main.txt', 'm\n')
    main = commit('On main')
    git(origin, 'tag', '-a', 'v1', '-m', 'one')
    git(origin, 'checkout', '-q', 'phase-1/topic')
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()))
  })
  afterAll(() => rmSync(top, { recursive: true, force: true }))

  it('tells its top folder, branch and head from any folder below', async () => {
    const local = await use(join(origin, 'DEV_MAN/active'))
    expect(local).toMatchObject({ root: origin, branch: 'phase-1/topic', headSha: second, isShallow: false })
  })

  it('finds branches, tags and ids, and nothing for what is none', async () => {
    const local = await use(origin)
    expect(
      await Promise.all(['main', 'v1', first, 'nope', '', '--all', 'a b', 'x\ny'].map((ref) => local.find(ref))),
    ).toEqual([main, main, first, null, null, null, null, null])
  })

  it('lists what changed since the merge base, renames with both names', async () => {
    const local = await use(origin)
    expect(await local.mergeBase(main, second)).toBe(first)
    expect(await local.changedFiles(first, second)).toEqual([
      { path: 'DEV_MAN/active/plan_v0.1.md', status: 'modified' },
      { path: 'new name.txt', previousPath: 'old name.txt', status: 'renamed' },
      { path: 'run.sh', status: 'added' },
    ])
    expect(await local.diff(first, second)).toContain('rename to new name.txt')
  })

  it('reads folders with modes, and the texts of many files at once', async () => {
    const local = await use(origin)
    const tree = await local.listTree(second, 'DEV_MAN')
    expect(tree.items.map(({ path, mode, type }) => `${mode} ${type} ${path}`)).toEqual([
      '040000 tree DEV_MAN/active',
      '120000 blob DEV_MAN/active/link.md',
      '100644 blob DEV_MAN/active/plan_v0.1.md',
      '040000 tree DEV_MAN/completed',
      '100644 blob DEV_MAN/completed/été "x".md',
    ])
    expect(tree.items.map(({ sha }) => sha)).toEqual(
      tree.items.map(({ path }) => git(origin, 'rev-parse', `${second}:${path}`)),
    )
    const texts = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        local.readFile(index % 2 ? 'nope' : 'DEV_MAN/completed/été "x".md', first),
      ),
    )
    expect(new Set(texts)).toEqual(new Set(['old\n', null]))
    expect(await local.listTree(second, 'nope')).toEqual({ items: [], complete: true })
    expect(await local.readFile('DEV_MAN', second)).toBeNull()
  })

  it('reads the index, not the work tree', async () => {
    write('staged.txt', 'staged\n')
    git(origin, 'add', 'staged.txt')
    write('staged.txt', 'later\n')
    write('loose.txt', 'loose\n')
    const local = await use(origin)
    expect(await local.changedFiles(second, 'staged')).toEqual([{ path: 'staged.txt', status: 'added' }])
    expect(await local.readFile('staged.txt', 'staged')).toBe('staged\n')
    expect((await local.listTree('staged', 'DEV_MAN')).items.map(({ path }) => path)).toHaveLength(3)
    git(origin, 'reset', '-q', '--hard')
    rmSync(join(origin, 'loose.txt'))
  })

  it('tells commits with whole messages, and the files of each', async () => {
    const local = await use(origin)
    const [only, ...more] = await local.log({ from: main, to: second, limit: 10 })
    expect(more).toEqual([])
    expect(only).toMatchObject({
      sha: second,
      message: 'Second\n\nCo-authored-by: Bob <bob@example.com>',
      authorEmail: 'ada@example.com',
    })
    expect((await local.log({ to: main, limit: 10, path: 'DEV_MAN' })).map(({ sha }) => sha)).toEqual([first])
    expect(await local.filesOf([main, first])).toEqual(
      new Map([
        [main, ['main.txt']],
        [
          first,
          ['DEV_MAN/active/link.md', 'DEV_MAN/active/plan_v0.1.md', 'DEV_MAN/completed/été "x".md', 'old name.txt'],
        ],
      ]),
    )
    expect(await local.filesOf([])).toEqual(new Map())
  })

  it('knows a detached head', async () => {
    git(origin, 'checkout', '-q', first)
    expect(await use(origin)).toMatchObject({ branch: null, headSha: first })
    git(origin, 'checkout', '-q', 'phase-1/topic')
  })

  it('opens a repository without a commit', async () => {
    const empty = mkdtempSync(join(top, 'empty-'))
    git(empty, 'init', '-q')
    const local = await use(empty)
    expect(local).toMatchObject({ headSha: null, branch: null })
    expect(await local.find('main')).toBeNull()
  })

  it('says what a shallow clone lacks, and how to fetch it', async () => {
    const clone = join(top, 'shallow')
    git(top, 'clone', '-q', '--depth=1', '--no-single-branch', `file://${origin}`, clone)
    const local = await use(clone)
    expect(local.isShallow).toBe(true)
    await expect(local.mergeBase(main, second)).rejects.toMatchObject({
      code: 'shallow',
      remedy: expect.stringContaining('git fetch --unshallow'),
    })
    await expect(local.changedFiles(first, second)).rejects.toMatchObject({ code: 'shallow' })
  })

  it.each([
    ['a folder without a repository', () => mkdtempSync(join(tmpdir(), 'no-git-')), 'not-a-repository'],
    ['a folder that does not exist', () => join(top, 'nowhere'), 'not-a-repository'],
  ])('refuses %s in one sentence', async (_, folder, code) => {
    await expect(openLocalGit(folder())).rejects.toMatchObject({ code, remedy: expect.any(String) })
  })
})
