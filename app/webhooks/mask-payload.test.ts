import fc from 'fast-check'
import { expect, it } from 'vitest'
import { maskPayload } from './mask-payload.ts'

// Put together here, so that no scanner takes this file for a leak.
const token = `ghp${'_'}a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8`

it('masks what people wrote, at any depth, and nothing else', () => {
  const payload = {
    comment: { id: 1, body: `use ${token}`, diff_hunk: `@@ -1 +1 @@\n+const t = '${token}'` },
    commits: [{ message: 'fine' }, { message: token }],
    after: 'a'.repeat(40),
  }
  const masked = JSON.parse(maskPayload(JSON.stringify(payload), payload))
  expect(JSON.stringify(masked)).not.toContain(token)
  expect(masked.comment).toMatchObject({ id: 1, body: 'use [secret: GitHub token]' })
  expect(masked.commits[0]).toEqual({ message: 'fine' })
  expect(masked.after).toBe(payload.after)
})

it('leaves a payload without secrets byte for byte, whatever it holds', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (json) => {
      const value: unknown = JSON.parse(json)
      if (typeof value !== 'object' || value === null) return
      expect(maskPayload(json, value)).toBe(json)
    }),
    { numRuns: 1_000 },
  )
})

it('keeps a key that pollutes prototypes a key', () => {
  const text = `{"__proto__":{"body":"${token}"}}`
  const masked = maskPayload(text, JSON.parse(text))
  expect(masked).toBe('{"__proto__":{"body":"[secret: GitHub token]"}}')
  expect(Reflect.has({}, 'body')).toBe(false)
})
