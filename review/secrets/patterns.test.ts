import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findSecretPlaces } from './patterns.ts'

// Put together here, so that no scanner takes this file for a leak.
const random = 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'
const secrets: readonly (readonly [kind: string, text: string])[] = [
  ['private key', `-----BEGIN RSA PRIVATE KEY-----\n${random.repeat(2)}`],
  ['private key', `-----BEGIN PGP PRIVATE KEY BLOCK-----\n${random.repeat(2)}`],
  ...[...'pousr'].map((letter) => ['GitHub token', `gh${letter}${'_'}${random}`] as const),
  ['GitHub token', `github${'_pat_'}${random}${random}`],
  ['GitLab token', `glpat${'-'}${random}`],
  ['RunPod key', `rpa${'_'}${random}`],
  ['AWS access key id', `AKIA${'IOSFODNN7QWERTYU'}`],
  ['AWS access key id', `ASIA${'IOSFODNN7QWERTYU'}`],
  ['Slack token', `xoxp${'-'}${random}`],
  ['Slack webhook', `hooks.slack.com/services/${random}`],
  ['Google API key', `AIza${random.slice(0, 35)}`],
  ['Stripe key', `rk${'_live_'}${random}`],
  ['API key', `sk${'-'}${random}`],
  ['Hugging Face token', `hf${'_'}${random}`],
  ['npm token', `npm${'_'}${random}`],
  ['JSON web token', `eyJ${random}.eyJ${random}.${random}`],
  ['password in an address', `postgres://ada:${random}@db.test/shop`],
  ['password in an address', `HTTPS://${'u'.repeat(100)}:${'p1'.repeat(100)}@db.test`],
  ...[
    'passwd',
    'PASSWORD',
    'passphrase',
    'client_secret',
    'Token',
    'api-key',
    'accessKey',
    'private_key',
    'credentials',
  ].map((name) => ['secret in an assignment', `${name} = '${random}'`] as const),
  ...['DB_PASSWORD', 'APP_SECRET', 'TOKEN', 'APIKEY', 'ACCESS_KEY'].map(
    (name) => ['secret in an assignment', `${name}=${random}`] as const,
  ),
]

test.each(secrets)('%s is found: %#', (kind, text) => {
  expect(findSecretPlaces(text).map((place) => place.kind)).toEqual([kind])
})

test('what stands around a secret does not hide it', () => {
  const around = fc.string({ unit: fc.constantFrom(...'abc 019_-:/.@"\'\n{}') })
  fc.assert(
    fc.property(around, around, fc.constantFrom(...secrets), (before, after, [, text]) => {
      expect(findSecretPlaces(`${before}\n${text}\n${after}`)).not.toEqual([])
    }),
    { numRuns: 1_000 },
  )
})
