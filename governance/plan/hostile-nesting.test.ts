import { expect, it } from 'vitest'
import { parsePlan } from './parse.ts'

it.each(['a\n===\n', 'a\n---\n'])('a thousand headings underlined like %j are refused unread', (heading) => {
  expect(parsePlan(heading.repeat(1_001)).problems).toMatchObject([{ code: 'unreadable' }])
  expect(parsePlan(heading.repeat(20)).problems).toEqual([])
})

it('a plan that takes seconds to read is refused unread', () => {
  expect(parsePlan('- [ ] T-1 x\n'.repeat(200_000)).problems).toMatchObject([{ code: 'unreadable' }])
})

it.each(['> ', '- ', '1. '])('a line that opens a thousand times "%s" is refused unread', (opener) => {
  expect(parsePlan(opener.repeat(1_000)).problems).toMatchObject([{ code: 'unreadable' }])
  expect(parsePlan(`${opener.repeat(20)}deep`).problems).toEqual([])
})
