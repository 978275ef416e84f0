import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from './__support__/start-shop.ts'

describe('the emulated GitHub', () => {
  let shop: Shop
  let headSha: string
  beforeAll(async () => {
    shop = await startShop()
    headSha = (await openTopic(shop)).headSha
  })
  afterAll(() => shop.stop())

  test('shows a pull request with its files and mergeability', async () => {
    const { json } = await shop.asApp('GET', '/repos/acme/shop/pulls/1')
    expect(json).toMatchObject({ number: 1, mergeable: true, mergeable_state: 'clean', changed_files: 1, additions: 2 })
    const { list } = await shop.asApp('GET', '/repos/acme/shop/pulls/1/files')
    expect(list[0]).toMatchObject({ filename: 'src/a.ts', status: 'modified', additions: 2, deletions: 2 })
    expect(list[0]?.patch).toMatch(/^@@ -1,5 \+1,5 @@\n one\n-two\n\+TWO\n/)
  })

  test('posts a review with inline comments and a check run', async () => {
    const review = await shop.asApp('POST', '/repos/acme/shop/pulls/1/reviews', {
      event: 'COMMENT',
      body: 'Two findings.',
      comments: [{ path: 'src/a.ts', line: 2, side: 'RIGHT', body: 'Why so loud?' }],
    })
    expect(review.status).toBe(200)
    const { list } = await shop.asApp('GET', '/repos/acme/shop/pulls/1/comments')
    expect(list[0]).toMatchObject({
      path: 'src/a.ts',
      line: 2,
      side: 'RIGHT',
      user: { login: 'devloop[bot]', type: 'Bot' },
    })
    const run = await shop.asApp('POST', '/repos/acme/shop/check-runs', { name: 'devloop/review', head_sha: headSha })
    expect(run).toMatchObject({ status: 201, json: { status: 'queued', app: { slug: 'devloop' } } })
    shop.github.assertClean()
  })
})
