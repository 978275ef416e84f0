import { describe, expect, test } from 'vitest'
import type { ChangedFile } from '../diff/model.ts'
import { parseDiff } from '../diff/parse.ts'
import { findSecrets } from './find-secrets.ts'
import { maskSecrets } from './mask.ts'
import { secretlintScanner } from './secretlint.ts'

// Put together here, so that no scanner takes this file for a leak.
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'
const secrets: Record<string, string> = {
  'GitHub token': `ghp${'_'}${random}`,
  'RunPod key': `rpa${'_'}ABCDEFGH1234567890IJKLMNOP0987654321QRSTUV`,
  'AWS access key id': `AKIA${'IOSFODNN7QWERTYU'}`,
  'Slack token': `xoxb${'-'}123456789012-1234567890123-${random.slice(0, 24)}`,
  'Stripe key': `sk${'_live_'}${random}`,
  'Google API key': `AIza${random.slice(0, 35)}`,
  'npm token': `npm${'_'}${random}`,
  'API key': `sk-${'ant-'}${random}${random}`,
  'JSON web token': `eyJ${random}.eyJ${random}.${random}`,
}

function added(lines: readonly string[], mark = '+'): readonly ChangedFile[] {
  const counts = mark === '+' ? `-0,0 +1,${lines.length}` : `-1,${lines.length} +1,${mark === ' ' ? lines.length : 0}`
  const body = lines.map((line) => `${mark}${line}\n`).join('')
  return parseDiff(`diff --git a/x.ts b/x.ts\n--- a/x.ts\n+++ b/x.ts\n@@ ${counts} @@\n${body}`).files
}

const none = async () => []

describe('a secret', () => {
  test.each(Object.entries(secrets))(
    '%s on an added line is a critical finding without its value',
    async (kind, value) => {
      const report = await findSecrets(added(['const a = 1', `const key = '${value}'`, 'const b = 2']), none)
      expect(report.findings).toHaveLength(1)
      expect(report.findings[0]).toMatchObject({
        path: 'x.ts',
        line: 2,
        endLine: 2,
        severity: 'critical',
        category: 'security',
      })
      expect(report.findings[0]?.quote).toBe(`const key = '[secret: ${kind}]'`)
      expect(JSON.stringify(report)).not.toContain(value)
    },
  )

  test('over several lines is masked on each, and lines keep their numbers', async () => {
    const key = ['-----BEGIN RSA PRIVATE KEY-----', random.repeat(2), random.repeat(2), '-----END RSA PRIVATE KEY-----']
    const report = await findSecrets(added(['before', ...key, 'after']), none)
    expect(report.findings.map((finding) => finding.line)).toEqual([2])
    expect(report.files[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual([
      'before',
      ...Array(4).fill('[secret: private key]'),
      'after',
    ])
  })

  test('of which the end is cut off hides no code that follows', async () => {
    const report = await findSecrets(
      added([`-----BEGIN PRIVATE KEY${'-----'}`, random.repeat(2), 'const total = sum', 'export default total']),
      none,
    )
    expect(report.findings).toHaveLength(1)
    expect(report.files[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual([
      '[secret: private key]',
      '[secret: private key]',
      'const total = sum',
      'export default total',
    ])
  })

  test('is not seen in code that reads keys', async () => {
    const code = [`const begin = '-----BEGIN PRIVATE KEY${'-----'}'`, `const end = '-----END PRIVATE KEY${'-----'}'`]
    expect((await findSecrets(added(code), none)).findings).toEqual([])
  })

  test('in one line with escaped line breaks is found', async () => {
    const report = await findSecrets(
      added([
        `key = "-----BEGIN PRIVATE KEY-----\\n${random.repeat(2)}\\n${random}\\n-----END PRIVATE KEY${'-----'}\\n"`,
      ]),
      none,
    )
    expect(report.files[0]?.hunks[0]?.lines[0]?.text).toBe('key = "[secret: private key]\\n"')
  })

  test.each([' ', '-'])('on a line marked %j is masked and not reported', async (mark) => {
    const value = secrets['GitHub token'] ?? ''
    const report = await findSecrets(added([`const key = '${value}'`], mark), none)
    expect(report.findings).toEqual([])
    expect(JSON.stringify(report.files)).not.toContain(value)
  })

  test('that only the scanner knows is masked everywhere it stands', async () => {
    const value = 'correct-horse-battery-staple'
    const text = [`login(${value})`, 'x', `// ${value}`]
    const report = await findSecrets(added(text), async (all) => [
      { kind: 'passphrase', start: all.indexOf(value), end: all.indexOf(value) + value.length, isCertain: true },
    ])
    expect(report.files[0]?.hunks[0]?.lines.map((line) => line.text)).toEqual([
      'login([secret: passphrase])',
      'x',
      '// [secret: passphrase]',
    ])
    expect(report.mask(`the model says ${value}`)).toBe('the model says [secret: passphrase]')
    expect(JSON.stringify(report)).not.toContain(value)
  })
})

describe('assignments', () => {
  test.each([
    [`password = "hu7Nter2!xQ9"`, true],
    [`  "apiKey": "9f8e7d6c5b4a39281706",`, true],
    [`DB_PASSWORD=s3cr3tP4ssw0rd99`, true],
    [`client_secret: 'Zx81-kk29-PPq0'`, true],
    [`const password = process.env.PASSWORD`, false],
    [`password: "changeme-please1"`, false],
    [`token = "\${TOKEN_VALUE_1}"`, false],
    [`const tokenName = "session-token"`, false],
    [`passwordLabel: "Your password"`, false],
    [`expect(token).toBe("aaaaaaaaaaaa")`, false],
    [`API_KEY=<your key here 123>`, false],
    [`sha512-integrity: "${random}${random}"`, false],
  ])('%s is a secret: %s', async (line, isSecret) => {
    const { findings } = await findSecrets(added([line]), none)
    expect(findings.map((finding) => finding.confidence)).toEqual(isSecret ? [0.7] : [])
  })
})

describe('masking', () => {
  test('is idempotent and leaves other text alone', () => {
    const text = `key ${secrets['GitHub token']} at https://user:p4ssw0rd@host/x and const a = [1, 2]`
    const masked = maskSecrets(text)
    expect(masked).toBe(
      'key [secret: GitHub token] at https://user:[secret: password in an address]@host/x and const a = [1, 2]',
    )
    expect(maskSecrets(masked)).toBe(masked)
  })

  test('is quick on long lines without secrets', () => {
    expect(maskSecrets('a:'.repeat(500_000))).toHaveLength(1_000_000)
    expect(maskSecrets('-----BEGIN PRIVATE KEY-----'.repeat(2_000)).length).toBeGreaterThan(0)
  })
})

test('secretlint finds what we have no pattern for, at its place', async () => {
  const uri = `postgres://admin:${'pa55word'}@db.internal:5432/app`
  const report = await findSecrets(added(['const a = 1', `const db = '${uri}'`]), secretlintScanner)
  expect(report.findings.map((finding) => finding.line)).toEqual([2])
  expect(JSON.stringify(report)).not.toContain('pa55word')
})

test('secretlint leaves nothing behind of what it has read', async () => {
  await secretlintScanner('const a = 1')
  const before = performance.getEntriesByType('mark').length
  for (let time = 0; time < 20; time++) await secretlintScanner('const a = 1')
  expect(performance.getEntriesByType('mark').length - before).toBe(0)
})
