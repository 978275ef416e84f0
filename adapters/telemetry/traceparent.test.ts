import { expect, it } from 'vitest'
import { formatTraceparent, parseTraceparent } from './traceparent.ts'

const sampled = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'

it('reads what it writes', () => {
  const context = parseTraceparent(sampled)
  expect(context).toMatchObject({ traceFlags: 1, isRemote: true })
  expect(context && formatTraceparent(context)).toBe(sampled)
})

it.each([null, '', 'x', sampled.slice(1), sampled.replace('0af', '0AF'), `00-${'0'.repeat(32)}-b7ad6b7169203331-01`])(
  'takes %s for none',
  (text) => {
    expect(parseTraceparent(text)).toBeUndefined()
  },
)
