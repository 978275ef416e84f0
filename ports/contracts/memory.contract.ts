import { expect, test } from 'vitest'
import { commitSha, repositoryName } from '../ids.ts'
import { microUsd } from '../money.ts'
import type { ApiKeyRow, Store, StoredReview, StoredVerdict } from '../store.ts'
import { HEAD_SHA, NOW, REPOSITORY, sampleJobId } from './samples.ts'

export function memoryContract(get: () => Store): void {
  test('reviews are found by id and listed newest first for their pull request', async () => {
    const { reviews } = get()
    const review = (n: number): StoredReview => ({
      id: `r${n}`,
      jobId: sampleJobId(n),
      repository: REPOSITORY,
      pullRequest: 5,
      headSha: HEAD_SHA,
      outcome: 'posted',
      inputHash: `hash-${n}`,
      fullCoverage: n === 1,
      body: { findings: [{ id: 'f1' }] },
      createdAt: NOW + n,
    })
    await reviews.add(review(1))
    await reviews.add(review(2))
    await reviews.add({ ...review(3), pullRequest: 6 })
    expect(await reviews.list(REPOSITORY, 5)).toEqual([review(2), review(1)])
    expect(await reviews.find('r1')).toEqual(review(1))
    expect(await reviews.find('r9')).toBeUndefined()
    expect(await reviews.prune(NOW + 2)).toBe(1)
    expect(await reviews.list(REPOSITORY, 5)).toEqual([review(2)])
  })

  test('a dismissal is kept once per finding', async () => {
    const { reviews } = get()
    const dismissal = { repository: REPOSITORY, pullRequest: 5, fingerprint: 'x', by: 'ada', reason: 'no', at: NOW }
    await reviews.dismiss(dismissal)
    await reviews.dismiss({ ...dismissal, reason: 'still no' })
    expect(await reviews.listDismissals(REPOSITORY, 5)).toEqual([{ ...dismissal, reason: 'still no' }])
    expect(await reviews.listDismissals(REPOSITORY, 6)).toEqual([])
    expect(await reviews.prune(NOW)).toBe(0)
    expect(await reviews.prune(NOW + 1)).toBe(1)
    expect(await reviews.listDismissals(REPOSITORY, 5)).toEqual([])
  })

  test('verdicts are listed newest first, of one repository or of all', async () => {
    const { governance } = get()
    const verdict = (n: number): StoredVerdict => ({
      id: `v${n}`,
      repository: n === 3 ? repositoryName.parse('acme/other') : REPOSITORY,
      pullRequest: n === 2 ? null : 5,
      headSha: HEAD_SHA,
      conclusion: 'failure',
      drift: n,
      snapshot: '{"a": 1}',
      policy: '{}',
      verdict: { rules: [] },
      createdAt: NOW + n,
    })
    for (const n of [1, 2, 3]) await governance.addVerdict(verdict(n))
    expect(await governance.listVerdicts(REPOSITORY, 10)).toEqual([verdict(2), verdict(1)])
    expect(await governance.listVerdicts(undefined, 2)).toEqual([verdict(3), verdict(2)])
    expect(await governance.findVerdict('v3')).toEqual(verdict(3))
    const head = (n: number) => {
      const { snapshot: _snapshot, policy: _policy, verdict: _verdict, ...rest } = verdict(n)
      return rest
    }
    expect(await governance.listVerdictHeads(undefined, 2)).toEqual([head(3), head(2)])
    expect(await governance.listVerdictHeads(REPOSITORY, 10, NOW + 2)).toEqual([head(1)])
    expect(await governance.findVerdict('v9')).toBeUndefined()
    expect(await governance.prune(NOW + 2)).toBe(1)
    expect((await governance.listVerdicts(undefined, 9)).map(({ id }) => id)).toEqual(['v3', 'v2'])
  })

  test('a waiver holds for one head only', async () => {
    const { governance } = get()
    const rule = 'plan/scope'
    const waiver = { repository: REPOSITORY, pullRequest: 5, headSha: HEAD_SHA, rule, by: 'ada', reason: 'ok', at: NOW }
    await governance.addWaiver(waiver)
    await governance.addWaiver(waiver)
    expect(await governance.listWaivers(REPOSITORY, 5, HEAD_SHA)).toEqual([waiver])
    expect(await governance.listWaivers(REPOSITORY, 5, commitSha.parse('b'.repeat(40)))).toEqual([])
    await governance.addWaiver({ ...waiver, rule: 'plan/ghost', at: NOW + 1 })
    expect(await governance.listRecentWaivers(5)).toEqual([{ ...waiver, rule: 'plan/ghost', at: NOW + 1 }, waiver])
    expect(await governance.listRecentWaivers(1)).toHaveLength(1)
  })

  test('swaps a fact only while it is what was expected, for one of many at once', async () => {
    const { facts } = get()
    const first = await Promise.all([1, 2, 3, 4].map((holder) => facts.swap('claim', undefined, { holder, at: 1.5 })))
    expect(first.filter(Boolean)).toHaveLength(1)
    const held = await facts.get('claim')
    if (held === undefined) throw new Error('nobody holds the claim')
    expect(await facts.swap('claim', { holder: 9, at: 1.5 }, 'lost')).toBe(false)
    const next = await Promise.all([1, 2, 3, 4].map((turn) => facts.swap('claim', held, { turn })))
    expect(next.filter(Boolean)).toHaveLength(1)
    expect(await facts.swap('claim', undefined, null)).toBe(false)
    expect(await facts.swap('none', held, 1)).toBe(false)
    expect(await facts.get('none')).toBeUndefined()
  })

  test('a fact is kept by key, replaced, listed by prefix and deleted', async () => {
    const { facts } = get()
    await facts.set('paused:acme/shop#5', true)
    await facts.set('paused:acme/shop#6', { by: 'ada' })
    await facts.set('pausedX', null)
    await facts.set('paused:acme/shop#5', [1, 'two'])
    expect(await facts.get('paused:acme/shop#5')).toEqual([1, 'two'])
    expect(await facts.get('pausedX')).toBeNull()
    expect(await facts.get('none')).toBeUndefined()
    expect([...(await facts.listByPrefix('paused:')).keys()]).toEqual(['paused:acme/shop#5', 'paused:acme/shop#6'])
    expect(await facts.listByPrefix('paused_')).toEqual(new Map())
    await facts.delete('paused:acme/shop#5')
    expect(await facts.get('paused:acme/shop#5')).toBeUndefined()
  })

  test('a key is found by its hash and revoked once', async () => {
    const { keys } = get()
    const key: ApiKeyRow = {
      id: 'k1',
      name: 'ci',
      scopes: ['infer', 'read'],
      hash: 'h1',
      models: ['m'],
      monthlyMicroUsd: microUsd(5_000_000),
      createdAt: NOW,
      lastUsedAt: null,
      revokedAt: null,
    }
    await keys.add(key)
    await expect(keys.add(key)).rejects.toMatchObject({ code: 'conflict' })
    expect(await keys.findByHash('h1')).toEqual(key)
    await keys.touch('k1', NOW + 1)
    expect(await keys.revoke('k1', NOW + 2)).toBe(true)
    expect(await keys.revoke('k1', NOW + 3)).toBe(false)
    expect(await keys.revoke('k9', NOW)).toBe(false)
    expect(await keys.list()).toEqual([{ ...key, lastUsedAt: NOW + 1, revokedAt: NOW + 2 }])
    expect(await keys.findByHash('none')).toBeUndefined()
  })
}
