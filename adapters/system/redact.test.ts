import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { redact, redactText } from './redact.ts'

describe('by name', () => {
  test.each([
    'token',
    'githubToken',
    'guard_token',
    'apiKey',
    'RUNPOD_API_KEY',
    'privateKey',
    'webhookSecret',
    'Authorization',
    'set-cookie',
    'password',
    'env',
  ])('%s is masked', (name) => {
    expect(redact({ outer: { [name]: 'abc' } })).toEqual({ outer: { [name]: '[redacted]' } })
  })

  test.each(['promptTokens', 'key', 'podName', 'tokens', 'environment'])('%s is shown', (name) => {
    expect(redact({ [name]: 'abc' })).toEqual({ [name]: 'abc' })
  })

  test('a number is no secret', () => {
    expect(redact({ token: 5 })).toEqual({ token: 5 })
  })
})

describe('by shape', () => {
  test.each([
    ['token ghs_0123456789abcdefghijklmnop refused', 'token [redacted] refused'],
    ['Authorization: Bearer abc.def-ghi_jkl0123', 'Authorization: Bearer [redacted]'],
    ['postgres://user:hunter2@db/x', 'postgres://user:[redacted]@db/x'],
    ['key rpa_ABCDEFGHIJKLMNOPQRST', 'key [redacted]'],
    [`key dlk_${'0'.repeat(64)}`, 'key [redacted]'],
    ['-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\nrest', '[redacted]\nrest'],
  ])('%s', (text, masked) => {
    expect(redactText(text)).toBe(masked)
  })

  test('a token is masked wherever it stands', () => {
    const token = `ghp_${'a1B2'.repeat(9)}`
    const around = fc.string({ maxLength: 20 }).map((text) => text.replaceAll(/\w/g, '.'))
    fc.assert(
      fc.property(around, around, (before, after) => {
        expect(redactText(`${before}${token}${after}`)).not.toContain(token)
      }),
    )
  })
})

test('an error keeps its sentence and its cause, without secrets', () => {
  const error = new Error('call failed', { cause: new Error('Bearer 0123456789abcdef refused') })
  expect(redact({ error })).toMatchObject({
    error: { name: 'Error', message: 'call failed', cause: { message: 'Bearer [redacted] refused' } },
  })
})

test('a value that holds itself ends', () => {
  const circle: Record<string, unknown> = {}
  circle.self = circle
  expect(JSON.stringify(redact(circle))).toContain('[deeper]')
})
