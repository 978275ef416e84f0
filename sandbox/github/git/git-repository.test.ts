import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listDiff } from './diff.ts'
import { followLine } from './follow-line.ts'
import type { GitRepository } from './git-repository.ts'
import { initRepository, readFolder } from './init-repository.ts'
import { commitFiles, type FileChanges } from './write-commit.ts'

describe('git underneath', () => {
  let folder: string
  let git: GitRepository
  const author = { name: 'Ä <b>', email: 'a@example.com', date: '2026-01-02T03:04:05Z' }
  const commit = (changes: FileChanges, parent?: string) => commitFiles(git, { parent, changes, message: 'm', author })
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'git-'))
    git = await initRepository(join(folder, 'a.git'), 'main')
  })
  afterAll(() => rm(folder, { recursive: true }))

  test('odd names and contents survive a commit', async () => {
    const changes = { 'a b/ü "q".txt': 'x', 'n\nl.bin': Buffer.from([0, 255, 10]), 'empty.txt': '' }
    const sha = await commit(changes)
    const names = (await git.run(['ls-tree', '-r', '-z', '--name-only', sha])).stdout
      .toString()
      .split('\0')
      .filter(Boolean)
    expect(names.sort()).toEqual(Object.keys(changes).sort())
    expect((await git.run(['cat-file', 'blob', `${sha}:n\nl.bin`])).stdout).toEqual(changes['n\nl.bin'])
    expect(await git.text(['show', '-s', '--format=%an|%aI', sha])).toBe('Ä b|2026-01-02T03:04:05+00:00')
    expect((await git.text(['for-each-ref'])).trim()).toBe('')
  })

  test('patches stay with their files when a file becomes a link', async () => {
    const first = await commit({ 'a.txt': 'a\n', 'link.txt': 'plain\n', 'z.txt': 'z\n' })
    const blob = await git.text(['hash-object', '-w', '--stdin'], { input: 'a.txt' })
    const listed = await git.text(['ls-tree', first])
    const tree = await git.text(['mktree'], {
      input: `${listed.replace(/100644 blob \w+\tlink.txt/, `120000 blob ${blob}\tlink.txt`)}\n`,
    })
    const second = await git.text(['commit-tree', tree, '-m', 'link'], {
      env: { GIT_AUTHOR_NAME: 'x', GIT_AUTHOR_EMAIL: 'x', GIT_COMMITTER_NAME: 'x', GIT_COMMITTER_EMAIL: 'x' },
    })
    const third = await commit({ 'z.txt': 'Z\n' }, second)
    expect(await listDiff(git, first, third)).toMatchObject([
      { path: 'link.txt', status: 'changed' },
      { path: 'z.txt', status: 'modified', patch: '@@ -1 +1 @@\n-z\n+Z' },
    ])
  })

  test('a file of more than 20,000 lines has no patch, but its counts', async () => {
    const first = await commit({ 'big.txt': 'x\n' })
    const second = await commit({ 'big.txt': 'y\n'.repeat(20_001) }, first)
    const [entry] = await listDiff(git, first, second)
    expect(entry).toMatchObject({ additions: 20_001, deletions: 1 })
    expect(entry).not.toHaveProperty('patch')
  })

  test.each([
    ['kept below an insertion', 'zero\none\ntwo\nthree\n', 2, 3],
    ['kept above a change', 'one\ntwo\n3\n', 2, 2],
    ['changed', 'one\n2\nthree\n', 2, null],
    ['removed', 'one\nthree\n', 2, null],
  ])('a line is followed where it is %s', async (_, text, line, expected) => {
    const from = await commit({ 'f.txt': 'one\ntwo\nthree\n' })
    const to = await commit({ 'f.txt': text }, from)
    expect(await followLine(git, { from, to, path: 'f.txt', line })).toBe(expected)
  })

  test('a folder is read without its .git and without links', async () => {
    const own = join(folder, 'own')
    await initRepository(join(own, '.git'), 'main')
    await writeFile(join(own, 'a.txt'), 'a')
    await symlink('a.txt', join(own, 'link'))
    expect(Object.keys(await readFolder(own))).toEqual(['a.txt'])
  })

  test('a failed command says what was tried and what came', async () => {
    await expect(git.text(['cat-file', 'blob', 'nothing'])).rejects.toThrow(
      /git cat-file blob nothing .* ended with 128: fatal/,
    )
  })
})
