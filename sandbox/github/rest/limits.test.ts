import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('GitHub’s own limits', () => {
  let shop: Shop
  let headSha: string
  const pull = '/repos/acme/shop/pulls/1'
  beforeAll(async () => {
    // What GitHub refuses by itself must be seen to be refused, so the judge only takes notes here.
    shop = await startShop({ strict: false })
    headSha = (await openTopic(shop)).headSha
  })
  afterAll(() => shop.stop())

  test('a body has at most 65,536 characters', async () => {
    const post = (length: number) =>
      shop.asApp('POST', '/repos/acme/shop/issues/1/comments', { body: 'x'.repeat(length) })
    expect((await post(65_536)).status).toBe(201)
    const refused = await post(65_537)
    expect(refused.status).toBe(422)
    expect(refused.json).toMatchObject({ message: 'Validation Failed', errors: [{ field: 'body', code: 'custom' }] })
  })

  test('a request has at most 50 annotations, a report 65,535 characters', async () => {
    const annotation = { path: 'src/a.ts', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }
    const post = (output: object) =>
      shop.asApp('POST', '/repos/acme/shop/check-runs', {
        name: 'x',
        head_sha: headSha,
        output: { title: 't', summary: 's', ...output },
      })
    expect((await post({ annotations: Array(51).fill(annotation) })).status).toBe(422)
    const first = await post({ annotations: Array(50).fill(annotation) })
    await shop.asApp('PATCH', `/repos/acme/shop/check-runs/${first.json.id}`, {
      output: { title: 't', summary: 's', annotations: [annotation] },
    })
    const all = await shop.asApp('GET', `/repos/acme/shop/check-runs/${first.json.id}/annotations?per_page=100`)
    expect(all.list).toHaveLength(51)
    expect((await post({ text: 'x'.repeat(65_536) })).status).toBe(422)
    expect((await post({ text: 'x'.repeat(65_535) })).status).toBe(201)
  })

  test.each([
    ['a line outside the diff', { path: 'src/a.ts', line: 99, side: 'RIGHT', body: 'x' }, /must be part of the diff/],
    ['a file outside the diff', { path: 'README.md', line: 1, side: 'RIGHT', body: 'x' }, /Path could not be resolved/],
    ['a start in another hunk', { path: 'src/a.ts', start_line: 2, line: 10, body: 'x' }, /same hunk/],
    ['a position outside the diff', { path: 'src/a.ts', position: 99, body: 'x' }, /Position could not be resolved/],
  ])('a review with a comment on %s is refused whole', async (_, comment, message) => {
    const before = (await shop.asApp('GET', `${pull}/comments`)).list.length
    const good = { path: 'src/a.ts', line: 2, side: 'RIGHT', body: 'fine' }
    const reply = await shop.asApp('POST', `${pull}/reviews`, {
      event: 'COMMENT',
      body: 'b',
      comments: [good, comment],
    })
    expect(reply.status).toBe(422)
    expect(JSON.stringify(reply.json.errors)).toMatch(message)
    expect((await shop.asApp('GET', `${pull}/comments`)).list).toHaveLength(before)
  })

  test('a single comment outside the diff names the field', async () => {
    const body = { body: 'x', path: 'src/a.ts', line: 99, side: 'RIGHT', commit_id: headSha }
    expect(await shop.asApp('POST', `${pull}/comments`, body)).toMatchObject({
      status: 422,
      json: { errors: [{ field: 'pull_request_review_thread.line' }, { code: 'missing_field' }] },
    })
  })

  test.each([
    ['removed', { line: 2, side: 'LEFT' }, { line: 2, side: 'LEFT', position: 2 }],
    ['added', { line: 2, side: 'RIGHT' }, { line: 2, side: 'RIGHT', position: 3 }],
    ['kept', { line: 1, side: 'RIGHT' }, { line: 1, side: 'RIGHT', position: 1 }],
    ['by position', { position: 3 }, { line: 2, side: 'RIGHT' }],
    ['several', { start_line: 1, line: 3, side: 'RIGHT' }, { start_line: 1, line: 3, start_side: 'RIGHT' }],
  ])('a comment stands on a line that is %s', async (_, place, expected) => {
    const reply = await shop.asApp('POST', `${pull}/comments`, {
      body: 'x',
      path: 'src/a.ts',
      commit_id: headSha,
      ...place,
    })
    expect(reply).toMatchObject({ status: 201, json: expected })
    expect(reply.json.diff_hunk).toMatch(/^@@ -1,5 \+1,5 @@/)
  })

  test('nobody approves or refuses their own pull request', async () => {
    for (const event of ['APPROVE', 'REQUEST_CHANGES'] as const) {
      await expect(shop.bob.review(1, { event, body: 'me' })).rejects.toMatchObject({
        status: 422,
        message: 'Unprocessable Entity',
      })
    }
    expect(await shop.alice.approve(1)).toMatchObject({ state: 'APPROVED' })
  })

  test('a review without event stays pending, alone and unseen, until it is submitted', async () => {
    const comments = [{ path: 'src/a.ts', line: 2, side: 'RIGHT', body: 'later' }]
    const pending = await shop.asApp('POST', `${pull}/reviews`, { body: 'Soon.', comments })
    expect(pending.json.state).toBe('PENDING')
    expect((await shop.asApp('POST', `${pull}/reviews`, { body: 'Again.' })).status).toBe(422)
    const asAlice = shop.as(`token ${shop.github.createPersonalToken('alice')}`)
    const seen = async () => (await asAlice('GET', `${pull}/reviews`)).list.map(({ id }) => id)
    expect(await seen()).not.toContain(pending.json.id)
    const submitted = await shop.asApp('POST', `${pull}/reviews/${pending.json.id}/events`, { event: 'COMMENT' })
    expect(submitted.json).toMatchObject({ state: 'COMMENTED', body: 'Soon.' })
    expect(await seen()).toContain(pending.json.id)
  })

  test('unknown commits are refused as GitHub does', async () => {
    const sha = 'f'.repeat(40)
    const body = { name: 'x', head_sha: sha }
    expect(await shop.asApp('POST', '/repos/acme/shop/check-runs', body)).toMatchObject({
      status: 422,
      json: { message: `No commit found for SHA: ${sha}` },
    })
    expect((await shop.asApp('POST', `/repos/acme/shop/statuses/${sha}`, { state: 'success' })).status).toBe(422)
    expect((await shop.asApp('GET', `/repos/acme/shop/git/commits/${sha}`)).status).toBe(404)
    expect((await shop.asApp('GET', `/repos/acme/shop/commits/${sha}`)).status).toBe(422)
    const review = { event: 'COMMENT', body: 'b', commit_id: sha }
    expect((await shop.asApp('POST', `${pull}/reviews`, review)).status).toBe(422)
  })

  test('a commit takes 1,000 statuses of one context', async () => {
    const { statuses } = shop.github.repository('acme/shop')
    const one = { sha: headSha, state: 'success' as const, context: 'many', description: null, targetUrl: null }
    for (let id = 0; id < 1000; id++)
      statuses.push({ ...one, id, creatorLogin: 'bob', createdAt: '2026-01-01T00:00:00Z' })
    expect(
      (await shop.asApp('POST', `/repos/acme/shop/statuses/${headSha}`, { state: 'success', context: 'many' })).status,
    ).toBe(422)
    expect(
      (await shop.asApp('POST', `/repos/acme/shop/statuses/${headSha}`, { state: 'success', context: 'few' })).status,
    ).toBe(201)
  })
})
