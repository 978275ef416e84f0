import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, shopFile, startShop } from '../__support__/start-shop.ts'

describe('repositories and their objects', () => {
  let shop: Shop
  let headSha: string
  const repository = '/repos/acme/shop'
  beforeAll(async () => {
    shop = await startShop()
    headSha = (await openTopic(shop)).headSha
  })
  afterAll(async () => {
    shop.github.assertClean()
    await shop.stop()
  })

  test('files are read inline, raw, and as a folder', async () => {
    const file = await shop.asApp('GET', `${repository}/contents/src/a.ts?ref=topic`)
    expect(Buffer.from(String(file.json.content), 'base64').toString()).toMatch(/^one\nTWO\n/)
    const raw = await shop.asApp('GET', `${repository}/contents/src/a.ts`, undefined, {
      accept: 'application/vnd.github.raw+json',
    })
    expect(raw.text).toBe(shopFile)
    expect((await shop.asApp('GET', `${repository}/contents/`)).list.map(({ path, type }) => [path, type])).toEqual([
      ['README.md', 'file'],
      ['src', 'dir'],
    ])
    expect((await shop.asApp('GET', `${repository}/contents/none.md`)).status).toBe(404)
  })

  test('files are written with the SHA they replace', async () => {
    const path = `${repository}/contents/notes/new.md`
    const content = Buffer.from('new\n').toString('base64')
    const created = await shop.asApp('PUT', path, { message: 'Add', content, branch: 'topic2' })
    expect(created.status).toBe(404)
    await shop.bob.push('topic2', { 'x.txt': 'x\n' }, 'Branch')
    expect((await shop.asApp('PUT', path, { message: 'Add', content, branch: 'topic2' })).status).toBe(201)
    expect((await shop.asApp('PUT', path, { message: 'Again', content, branch: 'topic2' })).status).toBe(422)
    const { sha } = (await shop.asApp('GET', `${path}?ref=topic2`)).json
    expect(
      (await shop.asApp('DELETE', path, { message: 'Remove', sha: '0'.repeat(40), branch: 'topic2' })).status,
    ).toBe(409)
    expect((await shop.asApp('DELETE', path, { message: 'Remove', sha, branch: 'topic2' })).status).toBe(200)
    expect((await shop.asApp('GET', `${path}?ref=topic2`)).status).toBe(404)
  })

  test('a comparison counts from the common ancestor', async () => {
    await shop.alice.push('main', { 'other.txt': 'on main\n' }, 'Meanwhile')
    const reply = await shop.asApp('GET', `${repository}/compare/main...topic`)
    expect(reply.json).toMatchObject({
      status: 'diverged',
      ahead_by: 1,
      behind_by: 1,
      total_commits: 1,
      files: [{ filename: 'src/a.ts' }],
    })
    const diff = await shop.asApp('GET', `${repository}/compare/main...topic`, undefined, {
      accept: 'application/vnd.github.diff',
    })
    expect(diff.text).toMatch(/^diff --git a\/src\/a.ts b\/src\/a.ts\n/)
    expect(diff.text).not.toContain('other.txt')
  })

  test('objects are built from blobs to a branch', async () => {
    const blob = await shop.asApp('POST', `${repository}/git/blobs`, { content: 'made\n', encoding: 'utf-8' })
    const tree = await shop.asApp('POST', `${repository}/git/trees`, {
      base_tree: headSha,
      tree: [
        { path: 'deep/er/made.txt', mode: '100644', type: 'blob', sha: blob.json.sha },
        { path: 'README.md', mode: '100644', type: 'blob', sha: null },
      ],
    })
    const commit = await shop.asApp('POST', `${repository}/git/commits`, {
      message: 'Made',
      tree: tree.json.sha,
      parents: [headSha],
    })
    await shop.asApp('POST', `${repository}/git/refs`, { ref: 'refs/heads/made', sha: commit.json.sha })
    const listed = await shop.asApp('GET', `${repository}/git/trees/made?recursive=1`)
    expect(JSON.stringify(listed.json.tree)).toContain('deep/er/made.txt')
    expect(JSON.stringify(listed.json.tree)).not.toContain('README.md')
    const back = { sha: headSha, force: false }
    expect((await shop.asApp('PATCH', `${repository}/git/refs/heads/made`, back)).json.message).toBe(
      'Update is not a fast forward',
    )
    expect((await shop.asApp('DELETE', `${repository}/git/refs/heads/made`)).status).toBe(204)
    expect((await shop.asApp('GET', `${repository}/git/ref/heads/made`)).status).toBe(404)
  })

  test('renames, binaries and removals are told apart', async () => {
    await shop.bob.push(
      'kinds',
      { 'src/b.ts': shopFile, 'src/a.ts': null, 'x.bin': Buffer.from([0, 1, 2]), 'README.md': null },
      'Kinds',
    )
    const { number } = await shop.bob.openPullRequest({ title: 'Kinds', head: 'kinds', base: 'main' })
    const { list } = await shop.asApp('GET', `${repository}/pulls/${number}/files`)
    expect(
      list.map(({ filename, status, patch, previous_filename: from }) => [filename, status, patch !== undefined, from]),
    ).toEqual([
      ['README.md', 'removed', true, undefined],
      ['src/b.ts', 'renamed', false, 'src/a.ts'],
      ['x.bin', 'added', false, undefined],
    ])
  })

  test('a pull request lists 3,000 files and tells how many there are', async () => {
    const files = Object.fromEntries(Array.from({ length: 3001 }, (_, index) => [`many/${index}.txt`, `${index}\n`]))
    await shop.bob.push('many', files, 'Many')
    const { number } = await shop.bob.openPullRequest({ title: 'Many', head: 'many', base: 'main' })
    expect((await shop.asApp('GET', `${repository}/pulls/${number}`)).json.changed_files).toBe(3001)
    const last = await shop.asApp('GET', `${repository}/pulls/${number}/files?per_page=100&page=30`)
    expect(last.list).toHaveLength(100)
    expect((await shop.asApp('GET', `${repository}/pulls/${number}/files?per_page=100&page=31`)).list).toEqual([])
    const diff = await shop.asApp('GET', `${repository}/pulls/${number}`, undefined, {
      accept: 'application/vnd.github.diff',
    })
    expect(diff).toMatchObject({ status: 406, json: { errors: [{ code: 'too_large' }] } })
  })

  test('a repository of one’s own is taken over with its history', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'own-'))
    const git = (...args: string[]) =>
      execFileSync('git', args, { cwd: folder, stdio: 'pipe', env: { PATH: process.env.PATH } })
        .toString()
        .trim()
    git('init', '-q', '-b', 'trunk')
    await writeFile(join(folder, 'a.txt'), 'a\n')
    git('add', '.')
    git('-c', 'user.name=x', '-c', 'user.email=x@x', 'commit', '-q', '-m', 'Own')
    await shop.github.createRepository('acme/own', { fromGitDir: folder, defaultBranch: 'trunk' })
    const sha = await shop.github.as('bob', 'acme/own').pushFrom(folder, 'trunk', 'copy')
    expect(sha).toBe(git('rev-parse', 'HEAD'))
    expect((await shop.asApp('GET', '/repos/acme/own')).json).toMatchObject({ default_branch: 'trunk' })
    await rm(folder, { recursive: true })
  })
})

describe('forks', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop()
    shop.github.createUser('carol')
    await shop.github.fork('acme/shop', 'carol')
  })
  afterAll(() => shop.stop())

  test('pull requests come from them, check runs do not name them, and they outlive them', async () => {
    const carol = shop.github.as('carol', 'carol/shop')
    await carol.push('fix', { 'src/a.ts': shopFile.replace('five', 'FIVE') }, 'Fix')
    const { number } = await shop.github
      .as('carol', 'acme/shop')
      .openPullRequest({ title: 'Fix', head: 'carol:fix', base: 'main' })
    const after = await carol.push('fix', { 'src/a.ts': shopFile.replace('six', 'SIX') }, 'Better')
    const open = await shop.asApp('GET', `/repos/acme/shop/pulls/${number}`)
    expect(open.json).toMatchObject({
      head: { sha: after, label: 'carol:fix', repo: { full_name: 'carol/shop', fork: true } },
    })
    const run = await shop.asApp('POST', '/repos/acme/shop/check-runs', { name: 'devloop/review', head_sha: after })
    expect(run.json).toMatchObject({ status: 'queued', pull_requests: [] })
    shop.github.deleteRepository('carol/shop')
    const orphan = await shop.asApp('GET', `/repos/acme/shop/pulls/${number}`)
    expect(orphan.json).toMatchObject({ head: { sha: after, repo: null }, changed_files: 1 })
    shop.github.assertClean()
  })
})
