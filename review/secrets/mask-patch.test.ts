import fc from 'fast-check'
import { expect, it } from 'vitest'
import { parseDiff } from '../diff/parse.ts'
import { findSecrets } from './find-secrets.ts'
import { maskPatch } from './mask-patch.ts'
import { maskSecrets } from './mask.ts'

// Put together here, so that no scanner takes this file for a leak.
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'
const token = `ghp${'_'}${random}`
const key = ['-----BEGIN RSA PRIVATE KEY-----', random.repeat(2), random.repeat(2), '-----END RSA PRIVATE KEY-----']
const none = async () => []

function diffOf(lines: readonly string[]): string {
  const body = lines.map((line) => `+${line}\n`).join('')
  return `diff --git a/x.ts b/x.ts\n--- a/x.ts\n+++ b/x.ts\n@@ -0,0 +1,${lines.length} @@ const t = '${token}'\n${body}\\ No newline at end of file\n`
}

it.each<[string, readonly string[]]>([
  ['a token', ['const a = 1', `const t = '${token}'`]],
  ['a key over several lines', ['before', ...key, 'after']],
  ['lines that look like heads', ['@@ -1 +1 @@', `diff --git ${token}`, `++ b/${token}`]],
])('%s in a hunk is gone, and the masked diff is read as the masked reading', async (_, lines) => {
  const diff = diffOf(lines)
  const { files, mask, secrets } = await findSecrets(parseDiff(diff).files, none)
  const patched = maskPatch(diff, mask)
  expect(patched).not.toContain(random)
  expect(parseDiff(patched).files).toEqual(files)
  expect((await findSecrets(parseDiff(patched).files, none, secrets)).findings).toEqual(
    (await findSecrets(parseDiff(diff).files, none)).findings,
  )
})

it('a patch without a secret stays as it is, whatever it is', () => {
  const line = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom('@@ -1,2 +1,3 @@ f()', '@@ -0,0 +1 @@', '+x', '-x', ' x', '\\ No newline', 'diff --git a/a b/a'),
  )
  fc.assert(
    fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
      const text = lines.join('\n')
      expect(maskPatch(text, maskSecrets)).toBe(text)
    }),
    { numRuns: 1_000 },
  )
})
