import { expect, it } from 'vitest'
import { maskedReader } from './masked-reader.ts'

// Put together here, so that no scanner takes this file for a leak.
const token = `ghp${'_'}a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8`
const password = 'k3v9-Zq81-mm20'
const text = `const t = '${token}'\nconst password = "${password}"\nuse('${password}')\n`

it('hides what looks like a secret, and its value wherever else it stands', async () => {
  const read = maskedReader(
    async () => text,
    async () => [],
  )
  const masked = (await read('a.ts')) ?? ''
  expect(masked).not.toContain(token)
  expect(masked).not.toContain(password)
  expect(masked.split('\n')).toHaveLength(text.split('\n').length)
})

it('hides what only the scanner knows, and passes on that there is no file', async () => {
  const place = { kind: 'key', start: 0, end: 11, isCertain: true }
  const read = maskedReader(
    async (path) => (path === 'a' ? 'plain-value rest' : null),
    async () => [place],
  )
  expect(await read('a')).toBe('[secret: key] rest')
  expect(await read('b')).toBeNull()
})
