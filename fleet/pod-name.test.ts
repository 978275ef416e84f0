import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeededRandom } from '../ports/fakes/seeded-random.ts'
import { repositoryName } from '../ports/ids.ts'
import { buildPodName, installIdOf, parsePodName } from './pod-name.ts'
import { podToken } from './pod-token.ts'

test('what a name says is read back; the deadline is rounded up to a minute, never down', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2 ** 31 }),
      fc.integer({ min: 1.6e12, max: 4e12 }),
      fc.stringMatching(/^[0-9a-z]{8}$/),
      (seed, deadlineAt, installId) => {
        const now = deadlineAt - 3_600_000
        const name = buildPodName({ installId, ulid: createSeededRandom(seed).ulid(now), deadlineAt })
        const parts = parsePodName(name)
        expect(parts).toMatchObject({ installId, createdAt: now })
        expect((parts?.deadlineAt ?? 0) - deadlineAt).toBeGreaterThanOrEqual(0)
        expect((parts?.deadlineAt ?? 0) - deadlineAt).toBeLessThan(60_000)
        expect(name.length).toBeLessThan(64)
      },
    ),
    { numRuns: 1_000 },
  )
})

test.each([
  'my-training-pod',
  'devloop',
  'devloop-abcd1234',
  'devloop-ABCD1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc',
  'devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc ',
  'xdevloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc',
  'devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc-copy',
  'devloop-abcd12345-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc',
  'devloop-abcd1234-01huzzzzzzzzzzzzzzzzzzzzzz-xabc',
  `devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-x${'z'.repeat(40)}`,
])('%s is foreign', (name) => {
  expect(parsePodName(name)).toBeUndefined()
})

test('the id of a repository is stable, whatever the case of its letters', () => {
  expect(installIdOf(repositoryName.parse('Octo/Hello'))).toBe(installIdOf(repositoryName.parse('octo/hello')))
  expect(installIdOf(repositoryName.parse('octo/hello'))).toBe('24b2aa62')
})

test('tokens differ from pod to pod and from secret to secret', () => {
  const [a, b] = [1, 2].map((seed) =>
    buildPodName({ installId: 'abcd1234', ulid: createSeededRandom(seed).ulid(1e12), deadlineAt: 2e12 }),
  )
  if (a === undefined || b === undefined) throw new Error('two names')
  expect(new Set([podToken('s', a), podToken('s', b), podToken('t', a)]).size).toBe(3)
  expect(podToken('s', a)).toMatch(/^[0-9a-f]{64}$/)
})
