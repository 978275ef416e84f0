import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('the clone URL', () => {
  let shop: Shop
  let folder: string
  const run = promisify(execFile)
  const env = {
    PATH: process.env.PATH,
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  }
  const clone = (url: string, to: string) => run('git', ['clone', '--quiet', url, to], { cwd: folder, env })
  beforeAll(async () => {
    shop = await startShop({ isPrivate: true })
    await openTopic(shop)
    folder = await mkdtemp(join(tmpdir(), 'clone-'))
  })
  afterAll(async () => {
    await shop.stop()
    await rm(folder, { recursive: true, force: true })
  })

  test('clones with a token, fetches pull requests, and hides what is private', async () => {
    const { json } = await shop.asApp('GET', '/repos/acme/shop')
    const url = String(json.clone_url)
    await expect(clone(url, 'none')).rejects.toThrow(/could not read Username|Authentication failed/)
    const token = shop.github.createPersonalToken('bob')
    await clone(url.replace('http://', `http://x-access-token:${token}@`), 'own')
    const own = join(folder, 'own')
    expect(await readFile(join(own, 'README.md'), 'utf8')).toBe('# shop\n')
    await run('git', ['fetch', '--quiet', 'origin', 'refs/pull/1/head'], { cwd: own, env })
    const { stdout } = await run('git', ['rev-parse', 'FETCH_HEAD'], { cwd: own, env })
    expect(stdout.trim()).toBe(await shop.bob.branchSha('topic'))
    await expect(run('git', ['push', 'origin', 'HEAD:refs/heads/x'], { cwd: own, env })).rejects.toThrow(/403/)
  })
})
