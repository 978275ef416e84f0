import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('the protocol', () => {
  let shop: Shop
  const comments = '/repos/acme/shop/issues/1/comments'
  beforeAll(async () => {
    shop = await startShop()
    await openTopic(shop)
    for (let index = 1; index <= 101; index++) shop.alice.comment(1, `comment ${index}`)
  })
  beforeEach(() => {
    shop.github.clearFaults()
    shop.github.resetCalls()
  })
  afterAll(() => shop.stop())

  test.each([
    ['', 30, 'comment 1'],
    ['?per_page=100', 100, 'comment 1'],
    ['?per_page=100&page=2', 1, 'comment 101'],
    ['?per_page=500', 100, 'comment 1'],
    ['?page=9', 0, undefined],
  ])('pages with %j hold %i', async (query, count, first) => {
    const { list } = await shop.asApp('GET', comments + query)
    expect(list).toHaveLength(count)
    expect(list[0]?.body).toBe(first)
  })

  test('pages link to one another', async () => {
    const { headers } = await shop.asApp('GET', `${comments}?per_page=40&page=2`)
    const links = Object.fromEntries(
      [...(headers.get('link') ?? '').matchAll(/<([^>]+)>; rel="(\w+)"/g)].map(([, url, relation]) => [
        relation,
        new URL(url ?? '').search,
      ]),
    )
    expect(links).toEqual({
      prev: '?per_page=40&page=1',
      next: '?per_page=40&page=3',
      last: '?per_page=40&page=3',
      first: '?per_page=40&page=1',
    })
  })

  test('what has not changed is 304 and free', async () => {
    const first = await shop.asApp('GET', comments)
    const again = await shop.asApp('GET', comments, undefined, { 'if-none-match': first.headers.get('etag') ?? '' })
    expect(again).toMatchObject({ status: 304, text: '' })
    expect(again.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'))
    shop.alice.comment(1, 'new')
    const changed = await shop.asApp('GET', `${comments}?per_page=100&page=2`)
    expect(changed.status).toBe(200)
    expect(Number(changed.headers.get('x-ratelimit-remaining'))).toBe(
      Number(first.headers.get('x-ratelimit-remaining')) - 1,
    )
  })

  test('every call is logged with what it cost', async () => {
    await shop.asApp('POST', comments, { body: 'logged' })
    expect(shop.github.calls).toMatchObject([
      {
        method: 'POST',
        path: comments,
        operation: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
        status: 201,
      },
    ])
    expect(shop.github.calls[0]?.responseBytes).toBeGreaterThan(500)
  })

  test.each([
    ['403-secondary', 403, /secondary rate limit/],
    ['429', 429, /secondary rate limit/],
    ['502', 502, /Server Error/],
    ['500', 500, /^$/],
  ] as const)('the fault %s strikes where it is told to', async (fault, status, text) => {
    shop.github.addFault({ on: 'POST /repos/*/*/issues/*/comments', fault, nth: 2, ms: 3000 })
    const statuses: number[] = []
    for (const body of ['1', '2', '3']) {
      const reply = await shop.asApp('POST', comments, { body })
      statuses.push(reply.status)
      if (reply.status !== 201) expect(reply.text).toMatch(text)
      if (fault === '429') expect(reply.headers.get('retry-after')).toBe(reply.status === 429 ? '3' : null)
    }
    expect(statuses).toEqual([201, status, 201])
  })

  test('a lost reply was done all the same', async () => {
    shop.github.addFault({ on: 'POST /repos/*/*/issues/*/comments', fault: 'lost-reply', times: 1 })
    await expect(shop.asApp('POST', comments, { body: 'done, but lost' })).rejects.toThrow('fetch failed')
    const bodies = [...shop.github.repository('acme/shop').issueComments.values()].map(({ body }) => body)
    expect(bodies).toContain('done, but lost')
    expect((await shop.asApp('POST', comments, { body: 'next' })).status).toBe(201)
  })

  test('the hourly limit ends what may be asked', async () => {
    const world = await startShop({ clock: () => 1_800_000_000_000 })
    const anonymous = (path: string) => fetch(world.github.url + path)
    for (let index = 0; index < 60; index++) expect((await anonymous('/users/alice')).status).toBe(200)
    expect((await anonymous('/users/alice')).status).toBe(403)
    const limit: unknown = await (await anonymous('/rate_limit')).json()
    expect(limit).toMatchObject({ resources: { core: { limit: 60, remaining: 0 } } })
    await world.stop()
  })

  test('broken JSON is 400', async () => {
    const reply = await fetch(`${shop.github.url}${comments}`, {
      method: 'POST',
      body: '{',
      headers: { authorization: `token ${shop.github.createPersonalToken('alice')}` },
    })
    expect(reply.status).toBe(400)
  })
})
