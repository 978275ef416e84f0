import { expect, it } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { sha } from '../../ports/fakes/fake-github.ts'
import { jobId, repositoryName } from '../../ports/ids.ts'
import type { Json } from '../../ports/store.ts'
import { agentReviewsOf } from './agent-reviews.ts'

const name = repositoryName.parse('acme/shop')
const finding = (id: string, severity: string) => ({ id, severity })

async function open(rounds: readonly Json[], dismissed: readonly string[] = []): Promise<readonly number[]> {
  const { reviews } = createMemoryStore({ clock: createFakeClock() })
  for (const [index, body] of rounds.entries()) {
    const id = jobId.parse(`01JD${String(index).padStart(22, '0')}`)
    const facts = {
      repository: name,
      pullRequest: 1,
      headSha: sha('a'),
      outcome: 'posted',
      inputHash: '',
      fullCoverage: true,
    } as const
    await reviews.add({ id, jobId: id, body, createdAt: index, ...facts })
  }
  for (const fingerprint of dismissed)
    await reviews.dismiss({ repository: name, pullRequest: 1, fingerprint, by: 'ada', reason: '', at: 9 })
  return (await agentReviewsOf(reviews, name, 1, 'devloop[bot]')).map(({ openSevereFindings }) => openSevereFindings)
}
const first = { shown: [finding('a', 'critical'), finding('b', 'high'), finding('c', 'medium')], fixed: [] }

it('counts findings of high severity and above', async () => {
  expect(await open([])).toEqual([])
  expect(await open([first])).toEqual([2])
})

it('keeps those of earlier rounds open that a later one does not repeat', async () => {
  expect(await open([first, { shown: [], fixed: ['a'] }])).toEqual([1, 2])
})

it('leaves out what somebody dismissed', async () => {
  expect(await open([first], ['b', 'a'])).toEqual([0])
})

it('takes a round it cannot read for a finding', async () => {
  expect(await open([{ odd: true }])).toEqual([1])
})
