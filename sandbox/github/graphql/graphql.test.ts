import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { at } from '../contracts/json.ts'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('GraphQL', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop()
    await openTopic(shop)
    shop.alice.openIssue({ title: 'Too quiet' })
    await shop.bob.update(1, { body: 'Fixes #2, and not #99.' })
    await shop.alice.commentOnLine(1, { path: 'src/a.ts', line: 2 }, 'Why?')
  })
  afterAll(() => shop.stop())

  const ask = (query: string, variables = {}) => shop.asApp('POST', '/graphql', { query, variables })
  const threads = `query($owner: String!, $repo: String!, $n: Int!) { repository(owner: $owner, name: $repo) { pullRequest(number: $n) {
    reviewThreads(first: 100) { nodes { id isResolved path line comments(first: 1) { nodes { databaseId } } } }
    closingIssuesReferences(first: 10) { nodes { number title } } } } }`
  const where = { owner: 'acme', repo: 'shop', n: 1 }

  test('lists conversations and the issues a merge would close', async () => {
    const { json } = await ask(threads, where)
    const pullRequest = at(json, 'data', 'repository', 'pullRequest')
    expect(pullRequest).toMatchObject({
      reviewThreads: { totalCount: 1, nodes: [{ isResolved: false, path: 'src/a.ts', line: 2 }] },
      closingIssuesReferences: { nodes: [{ number: 2, title: 'Too quiet' }] },
    })
  })

  test('resolves a conversation and opens it again', async () => {
    const id = at(
      (await ask(threads, where)).json,
      'data',
      'repository',
      'pullRequest',
      'reviewThreads',
      'nodes',
      0,
      'id',
    )
    for (const [mutation, isResolved] of [
      ['resolveReviewThread', true],
      ['unresolveReviewThread', false],
    ] as const) {
      const reply = await ask(`mutation($id: ID!) { ${mutation}(input: {threadId: $id}) { thread { isResolved } } }`, {
        id,
      })
      expect(at(reply.json, 'data', mutation, 'thread')).toMatchObject({ isResolved })
    }
  })

  test('answers what it does not know with errors', async () => {
    expect((await ask('{ viewer { login } }')).json.errors).toHaveLength(1)
    expect((await ask(threads, { ...where, n: 77 })).json.errors).toMatchObject([{ type: 'NOT_FOUND' }])
    const resolve = 'mutation { resolveReviewThread(input: {threadId: "none"}) { thread { id } } }'
    expect((await ask(resolve)).json.errors).toMatchObject([{ type: 'NOT_FOUND' }])
    expect((await fetch(`${shop.github.url}/graphql`, { method: 'POST', body: '{}' })).status).toBe(401)
  })
})
