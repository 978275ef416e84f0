import { describe, expect, test } from 'vitest'
import { startShop } from '../__support__/start-shop.ts'
import { type Costing, SecondaryLimits } from './secondary-limits.ts'

const read = { method: 'GET', operation: 'GET /repos/{owner}/{repo}' }
const write = { method: 'PATCH', operation: 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}' }
const comment = { method: 'POST', operation: 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments' }
const question = { method: 'POST', operation: 'POST /graphql' }
const mutation = { ...question, isMutation: true }

function open() {
  let now = 0
  const limits = new SecondaryLimits(() => now)
  return {
    pass: (ms: number) => {
      now += ms
    },
    /** How many of so many go through, each answered before the next. */
    ask: (times: number, costing: Costing, key = 'installation 1') => {
      let passed = 0
      for (let n = 0; n < times; n++) {
        const entered = limits.enter(key, costing)
        if ('refusal' in entered) continue
        entered.leave()
        passed += 1
      }
      return passed
    },
    enter: (costing: Costing) => limits.enter('installation 1', costing),
  }
}

describe('the secondary limits', () => {
  test.each([
    ['900 reads', read, 1000, 900],
    ['180 writes', write, 200, 180],
    ['2,000 GraphQL questions', question, 2100, 2000],
    ['400 GraphQL mutations', mutation, 410, 400],
    ['80 pieces of new content', comment, 100, 80],
  ])('let %s through in a minute', (_, costing, asked, most) => {
    expect(open().ask(asked, costing)).toBe(most)
  })

  test('count any minute, not those of the clock', () => {
    const { ask, pass } = open()
    expect(ask(1, read)).toBe(1)
    pass(59_000)
    expect(ask(899, read)).toBe(899)
    pass(1_500)
    expect([ask(2, read), ask(1, read)]).toEqual([1, 0])
  })

  test('count each installation, user and App by itself', () => {
    const { ask } = open()
    expect([ask(900, read), ask(900, read, 'person ada'), ask(1, read)]).toEqual([900, 900, 0])
  })

  test('refuse everything until the pause is over, GraphQL too; new content only new content', () => {
    const { ask, pass } = open()
    ask(81, comment)
    expect([ask(1, comment), ask(1, read)]).toEqual([0, 1])
    ask(500, read)
    expect([ask(1, read), ask(1, question)]).toEqual([0, 0])
    pass(59_999)
    expect(ask(1, read)).toBe(0)
    pass(1)
    expect(ask(1, read)).toBe(1)
  })

  test('let 500 pieces of new content through in an hour', () => {
    const { ask, pass } = open()
    let passed = 0
    for (let minute = 0; minute < 59; minute++) {
      passed += ask(10, comment)
      pass(60_000)
    }
    expect(passed).toBe(500)
  })

  test('let 100 be under way at once', () => {
    const { enter, pass } = open()
    const under = Array.from({ length: 100 }, () => enter(read))
    expect(under.every((one) => 'leave' in one)).toBe(true)
    expect(enter(read)).toMatchObject({ refusal: { status: 403 } })
    for (const one of under) if ('leave' in one) one.leave()
    expect('refusal' in enter(read)).toBe(true)
    pass(60_000)
    expect('leave' in enter(read)).toBe(true)
  })
})

test.each([
  ['on by default', {}, [404, 403]],
  ['switched off', { secondaryLimits: false }, [404]],
])('a server with the limits %s', async (_, options, statuses) => {
  const shop = await startShop({ judge: false, ...options })
  try {
    const replies = []
    for (let batch = 0; batch < 4; batch++)
      replies.push(...(await Promise.all(Array.from({ length: 46 }, () => shop.asApp('POST', '/nothing')))))
    expect([...new Set(replies.map(({ status }) => status))]).toEqual(statuses)
    const refused = replies.find(({ status }) => status === 403)
    expect(refused?.json.message).toBe(
      statuses.includes(403)
        ? 'You have exceeded a secondary rate limit. Please wait a few minutes before you try again.'
        : undefined,
    )
    expect(refused?.headers.get('retry-after')).toBe(statuses.includes(403) ? '60' : undefined)
  } finally {
    await shop.stop()
  }
})
