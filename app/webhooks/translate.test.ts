import { createRequire } from 'node:module'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { translate } from './translate.ts'

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as {
  name: string
  examples: Record<string, unknown>[]
}[]
const all = examples.flatMap(({ name, examples: payloads }) => payloads.map((payload) => [name, payload] as const))
const own = { appId: 1, login: 'devloop[bot]' }
const installed = { installation: { id: 7 } }

function example(name: string, action?: string): Record<string, unknown> {
  const found = all.find(([event, payload]) => event === name && (action === undefined || payload.action === action))
  if (found === undefined) throw new Error(`no example of ${name} ${action}`)
  return { ...found[1], ...installed }
}
const kinds = (event: string, payload: unknown) => translate(event, payload, own).map(({ kind }) => kind)

describe('translate', () => {
  it("reads all of GitHub's examples without a throw, with and without an installation", () => {
    expect(all).toHaveLength(329)
    const speaking = new Set<string>()
    for (const [event, payload] of all) {
      translate(event, payload, own)
      if (translate(event, { ...payload, ...installed }, own).length > 0) speaking.add(event)
    }
    expect([...speaking].sort()).toEqual([
      'check_run',
      'check_suite',
      'installation',
      'installation_repositories',
      'merge_group',
      'pull_request',
      'pull_request_review',
      'push',
      'status',
    ])
  })

  it.each([
    ['pull_request', 'opened', ['remember', 'remember', 'evaluate', 'hint', 'auto-review']],
    ['pull_request', 'synchronize', ['remember', 'remember', 'evaluate', 'hint', 'auto-review']],
    ['pull_request', 'closed', ['remember', 'evaluate-base']],
    ['pull_request_review', 'submitted', ['evaluate']],
    ['check_run', 'completed', ['evaluate']],
    ['merge_group', 'checks_requested', ['evaluate-group']],
    ['status', undefined, ['remember', 'evaluate-head']],
    ['installation', 'deleted', ['forget-repository', 'forget-repository']],
    ['create', undefined, []],
    ['star', 'created', []],
  ])('makes of %s %s: %j', (event, action, expected) => {
    const found = kinds(event, example(event, action))
    if (event === 'installation') expect(new Set(found)).toEqual(new Set(expected))
    else expect(found).toEqual(expected)
  })

  it.each(['create', 'delete'])('forgets which branches exist after %s of a branch', (event) => {
    expect(translate(event, { ...example(event), ref_type: 'branch' }, own)).toMatchObject([
      { kind: 'remember', fact: { kind: 'branches' } },
    ])
  })

  it('maps a check of a fork, which names no pull request, by its head', () => {
    const payload = example('check_run', 'completed') as { check_run: object }
    const fork = { ...payload, check_run: { ...payload.check_run, pull_requests: [] } }
    expect(kinds('check_run', fork)).toEqual(['evaluate-head'])
  })

  it('hears nothing of its own check runs but their buttons', () => {
    const payload = example('check_run', 'completed') as { check_run: object }
    const mine = { ...payload, check_run: { ...payload.check_run, app: { id: own.appId } } }
    expect(kinds('check_run', mine)).toEqual([])
    expect(translate('check_run', { ...mine, action: 'rerequested' }, own)).toMatchObject([
      { kind: 'check-action', action: 'rerun' },
    ])
    const pressed = { ...mine, action: 'requested_action', requested_action: { identifier: 'plan/scope' } }
    expect(translate('check_run', pressed, own)).toMatchObject([{ kind: 'check-action', action: 'plan/scope' }])
  })

  describe('a comment', () => {
    const spoken = (body: string, over: { user?: object; action?: string; issue?: object } = {}) => {
      const payload = example('issue_comment', 'created') as { comment: object; issue: object }
      return {
        ...payload,
        action: over.action ?? 'created',
        issue: { ...payload.issue, pull_request: { url: 'x' }, ...over.issue },
        comment: { ...payload.comment, body, ...(over.user && { user: over.user }) },
      }
    }
    it('on a pull request is a command', () => {
      expect(translate('issue_comment', spoken('/devloop review'), own)).toMatchObject([
        {
          kind: 'command',
          repository: { installationId: 7 },
          comment: { kind: 'issue', body: '/devloop review', place: null },
        },
      ])
    })
    it.each([
      ['without a command', spoken('nice /devloop')],
      ['on an issue', spoken('/devloop review', { issue: { pull_request: null } })],
      ['of a bot', spoken('/devloop review', { user: { login: 'x[bot]', type: 'Bot' } })],
      ['of our own', spoken('/devloop review', { user: { login: 'devloop[bot]', type: 'User' } })],
      ['that is edited', spoken('/devloop review', { action: 'edited' })],
      ['that is deleted', spoken('/devloop review', { action: 'deleted' })],
    ])('%s is nothing', (_, payload) => {
      expect(translate('issue_comment', payload, own)).toEqual([])
    })
    it('on a line of the diff brings its place', () => {
      const payload = example('pull_request_review_comment', 'created') as { comment: object }
      const onLine = { ...payload, comment: { ...payload.comment, body: '/infer why?' } }
      expect(translate('pull_request_review_comment', onLine, own)).toMatchObject([
        {
          kind: 'command',
          comment: { kind: 'review', place: { path: expect.any(String), hunk: expect.stringContaining('@@') } },
        },
      ])
    })
  })

  it('never throws, whatever is sent', () => {
    const events = examples.map(({ name }) => name)
    fc.assert(
      fc.property(
        fc.constantFrom(...events, 'unknown'),
        fc.jsonValue(),
        fc.constantFrom(...all),
        (event, junk, [, payload]) => {
          translate(event, junk, own)
          const keys = Object.keys(payload)
          for (const key of keys) translate(event, { ...payload, ...installed, [key]: junk }, own)
        },
      ),
      { numRuns: 300 },
    )
  })
})
