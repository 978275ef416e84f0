import { describe, expect, it } from 'vitest'
import { defaultConfig, type ResolvedConfig } from '../config/resolved-config.ts'
import type { RuleId } from '../config/rule-ids.ts'
import { evaluate } from './evaluate.ts'
import { HEAD_SHA, healthySnapshot, person } from './healthy-snapshot.ts'
import { RULES } from './rules/index.ts'
import { type AgentReview, failedToSee, type Principal, type Snapshot, type SnapshotReview, seen } from './snapshot.ts'

const config = defaultConfig()
const healthy = healthySnapshot(config)

function say(id: RuleId, change: Partial<Snapshot>, reviews: Partial<ResolvedConfig['governance']['reviews']> = {}) {
  const policy = {
    ...config,
    governance: { ...config.governance, reviews: { ...config.governance.reviews, ...reviews } },
  }
  const [verdict] = evaluate(
    { ...healthy, ...change },
    policy,
    RULES.filter((rule) => rule.id === id),
  ).rules
  return `${verdict?.status}: ${verdict?.message}`
}

let nextId = 100
function review(reviewer: Principal, change: Partial<SnapshotReview> = {}): SnapshotReview {
  nextId += 1
  return {
    id: nextId,
    reviewer,
    state: 'APPROVED',
    commitSha: HEAD_SHA,
    submittedAt: '2026-11-21T11:00:00Z',
    permission: 'write',
    ...change,
  }
}

function run(change: Partial<AgentReview> = {}): AgentReview {
  return {
    login: 'devloop[bot]',
    headSha: HEAD_SHA,
    outcome: 'clean',
    coverage: 'full',
    openSevereFindings: 0,
    finishedAt: '2026-11-21T11:30:00Z',
    ...change,
  }
}

const bot: Principal = { login: 'copilot[bot]', type: 'Bot', email: null }

describe('review/approved', () => {
  it.each<[string, Partial<Snapshot>, string]>([
    [
      'an approval of an earlier head',
      { reviews: seen([review(person('bo'), { commitSha: 'e'.repeat(40) })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: bo: it is for eeeeeee, not the head',
    ],
    [
      'an ordinary agent',
      { reviews: seen([review(bot)]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: copilot[bot]: agents do not count',
    ],
    [
      'an agent by its login pattern',
      { reviews: seen([review({ login: 'helper[bot]', type: 'User', email: null })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: helper[bot]: agents do not count',
    ],
    [
      'an account that is gone',
      { reviews: seen([review({ login: null, type: null, email: null })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: somebody: the account is gone',
    ],
    [
      'an approval that was withdrawn later',
      {
        reviews: seen([
          review(person('bo')),
          review(person('bo'), { state: 'CHANGES_REQUESTED', submittedAt: '2026-11-21T11:30:00Z' }),
        ]),
      },
      'fail: 0 of 1 approvals count on aaaaaaa',
    ],
    [
      'an approval that a comment followed',
      {
        reviews: seen([
          review(person('bo')),
          review(person('bo'), { state: 'COMMENTED', submittedAt: '2026-11-21T11:30:00Z' }),
        ]),
      },
      'pass: 1 of 1 approvals count on aaaaaaa (bo)',
    ],
    [
      'an Approve under the name of DevLoop',
      { reviews: seen([review({ login: 'devloop[bot]', type: 'Bot', email: null })]) },
      'fail: 0 of 1 approvals count on aaaaaaa',
    ],
    [
      'a clean full review by the senior agent',
      { reviews: seen([]), agentReviews: seen([run()]) },
      'pass: 1 of 1 approvals count on aaaaaaa (devloop[bot])',
    ],
    [
      'a review with mild findings by the senior agent',
      { reviews: seen([]), agentReviews: seen([run({ outcome: 'posted' })]) },
      'pass: 1 of 1 approvals count on aaaaaaa (devloop[bot])',
    ],
    [
      'a review with open severe findings',
      { reviews: seen([]), agentReviews: seen([run({ outcome: 'posted', openSevereFindings: 2 })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: devloop[bot]: 2 of its findings of high severity or above are open',
    ],
    [
      'a review that did not look at everything',
      { reviews: seen([]), agentReviews: seen([run({ coverage: 'partial' })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: devloop[bot]: it did not look at everything',
    ],
    [
      'a partial review',
      { reviews: seen([]), agentReviews: seen([run({ outcome: 'partial' })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: devloop[bot]: its review ended as partial',
    ],
    [
      'a review of an earlier head by the senior agent',
      { reviews: seen([]), agentReviews: seen([run({ headSha: 'e'.repeat(40) })]) },
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: devloop[bot]: it is for eeeeeee, not the head',
    ],
    [
      'commits that could not be listed',
      { commits: failedToSee('GitHub lists at most 250 commits') },
      'unknown: 1 approvals stand on aaaaaaa, but who made the change is not known in full: GitHub lists at most 250 commits',
    ],
  ])('judges %s', (_, change, expected) => {
    expect(say('review/approved', change)).toBe(expected)
  })

  it('counts nobody twice', () => {
    const reviews = seen([review(person('bo')), review(person('BO')), review(person('bo'))])
    expect(say('review/approved', { reviews }, { approvals: 2 })).toBe('fail: 1 of 2 approvals count on aaaaaaa')
  })

  it('leaves out a class that the policy does not count', () => {
    expect(say('review/approved', { reviews: seen([]), agentReviews: seen([run()]) }, { count: ['human'] })).toBe(
      'fail: 0 of 1 approvals count on aaaaaaa; not counted: devloop[bot]: it is no senior agent here',
    )
  })
})

describe('review/independent', () => {
  it.each<[string, Partial<Snapshot>, string]>([
    [
      'a committer',
      { commits: seen([{ sha: HEAD_SHA, author: person('ada'), committer: person('bo'), coAuthors: [] }]) },
      'bo committed',
    ],
    [
      'a co-author',
      {
        commits: seen([
          { sha: HEAD_SHA, author: person('ada'), committer: person('web-flow'), coAuthors: [person('Bo')] },
        ]),
      },
      'bo is a co-author',
    ],
    [
      'a co-author known by a noreply address',
      {
        commits: seen([
          {
            sha: HEAD_SHA,
            author: person('ada'),
            committer: person('ada'),
            coAuthors: [{ login: null, type: null, email: '123+bo@users.noreply.github.com' }],
          },
        ]),
      },
      'bo is a co-author',
    ],
    ['a pusher', { pushers: seen([person('bo')]) }, 'bo pushed'],
    [
      'the launcher of the agent that wrote it',
      {
        change: { ...healthy.change, author: seen(bot) },
        launchers: seen([{ agent: 'copilot[bot]', launcher: 'bo' }]),
      },
      'bo launched copilot[bot]',
    ],
  ])('does not count %s', (_, change, roles) => {
    expect(say('review/independent', change)).toBe(
      `fail: an approval does not count, because its approver made the change: ${roles}`,
    )
    expect(say('review/approved', change)).toContain(
      `fail: 0 of 1 approvals count on aaaaaaa; not counted: bo: the approver ${roles.replace(/^bo /u, '')}`,
    )
  })

  it('does not count the launcher of an agent that had no part in it as a maker', () => {
    expect(say('review/independent', { launchers: seen([{ agent: 'copilot[bot]', launcher: 'bo' }]) })).toBe(
      'pass: every approval is independent',
    )
  })

  it('does no harm beside enough independent approvals', () => {
    const reviews = seen([review(person('bo')), review(person('ada'))])
    expect(say('review/independent', { reviews })).toBe(
      'pass: enough approvals are independent; not counted: ada opened it and pushed and wrote a commit',
    )
  })

  it('can be switched off, and then the author counts', () => {
    const reviews = seen([review(person('ada'))])
    expect(say('review/independent', { reviews }, { independent: false })).toBe(
      'skip: switched off by `reviews.independent: false`',
    )
    expect(say('review/approved', { reviews }, { independent: false })).toBe(
      'pass: 1 of 1 approvals count on aaaaaaa (ada)',
    )
  })
})
