import { describe, expect, it } from 'vitest'
import type { CheckView } from '../../ports/github.ts'
import { failingChecksOf } from './failing-checks.ts'
import { cutGuidelines } from './guidelines.ts'
import { localInputs } from './local-inputs.ts'
import { requirementsOf } from './requirements.ts'

describe('requirements', () => {
  it('are the check boxes of linked issues, ticked or not, wherever they stand', () => {
    const body =
      '# Goal\n\n- [ ] An **empty** cart\n  has the total 0\n  - [x] nested `code`\n- plain\n1. [ ] numbered\n\n```\n- [ ] code\n```\n'
    expect(
      requirementsOf([
        { number: 12, body },
        { number: 13, body: '- [ ] other' },
      ]),
    ).toEqual([
      { id: 'R1', issue: '#12', text: 'An empty cart has the total 0' },
      { id: 'R2', issue: '#12', text: 'nested code' },
      { id: 'R3', issue: '#12', text: 'numbered' },
      { id: 'R4', issue: '#13', text: 'other' },
    ])
  })

  it('are at most 30, each of bounded length', () => {
    const body = Array.from({ length: 100 }, () => `- [ ] ${'x'.repeat(500)}`).join('\n')
    const found = requirementsOf([{ number: 1, body }])
    expect([found.length, Math.max(...found.map(({ text }) => text.length))]).toEqual([30, 240])
  })
})

describe('guidelines', () => {
  it('share the room and say where they were cut', () => {
    const long = Array.from({ length: 2_000 }, (_, index) => `rule ${index}`).join('\n')
    const cut = cutGuidelines([
      { path: 'docs/ARCHITECTURE.md', text: long },
      { path: 'AGENTS.md', text: 'Be kind.' },
      { path: 'NONE.md', text: null },
    ])
    expect(cut.map(({ source }) => source)).toEqual(['docs/ARCHITECTURE.md', 'AGENTS.md'])
    expect(cut[0]?.text.length).toBeLessThan(4_700)
    expect(cut[0]?.text.endsWith('(the rest of this document is not shown)')).toBe(true)
  })
})

describe('failing checks', () => {
  const check = (name: string, conclusion: CheckView['conclusion']): CheckView => ({
    kind: 'check-run',
    id: 1,
    name,
    app: null,
    status: 'completed',
    conclusion,
    title: null,
    summary: '3 tests fail',
    externalId: null,
    detailsUrl: null,
  })

  it('leave out what passed, and our own', () => {
    const checks = [
      check('test', 'failure'),
      check('lint', 'success'),
      check('devloop/governance', 'failure'),
      check('old', 'error'),
    ]
    expect(failingChecksOf(checks)).toEqual([
      { name: 'test', summary: '3 tests fail' },
      { name: 'old', summary: '3 tests fail' },
    ])
  })
})

describe('inputs without a pull request', () => {
  it('hold the change and the documents, and say when the architecture document is missing', () => {
    const inputs = localInputs({
      diff: 'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n',
      headSha: 'h',
      baseSha: 'b',
      title: 't',
      description: '',
      focus: null,
      documents: {
        agents: 'Be kind.',
        attributes: '*.ts linguist-generated',
        architecture: { path: 'ARCH.md', text: null },
      },
    })
    expect(inputs).toMatchObject({
      guidelines: [{ source: 'AGENTS.md', text: 'Be kind.' }],
      architecture: { path: 'ARCH.md', isFound: false },
      attributes: [{ folder: '' }],
    })
    expect(inputs.diff.files).toHaveLength(1)
  })
})
