import { expect, it } from 'vitest'
import { parsePlan } from './parse.ts'

it.each(['> ', '- ', '1. '])('a line that opens a thousand times "%s" is refused unread', (opener) => {
  expect(parsePlan(opener.repeat(1_000)).problems).toMatchObject([{ code: 'unreadable' }])
  expect(parsePlan(`${opener.repeat(20)}deep`).problems).toEqual([])
})
