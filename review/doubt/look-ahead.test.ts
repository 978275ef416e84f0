import { describe, expect, test } from 'vitest'
import type { FindPiece } from '../find/piece.ts'
import type { ProofRun } from '../prove-all.ts'
import { head, subjectAt } from './__fixtures__/null-user.ts'
import type { DoubtSubject } from './doubt-finding.ts'
import { createLookAhead } from './look-ahead.ts'
import type { Looks } from './looks.ts'

const { finding: one } = subjectAt(head)

function found(path: string, confidence = 0.5, title = one.title) {
  return { pass: 1, finding: { ...one, path, confidence, title } }
}

function piece(...paths: string[]): FindPiece {
  const parts = paths.map((path) => ({ path, hunk: 'file', code: '', lines: [] }))
  return { key: paths.join(), parts, instructions: [], mustCheck: [], estimatedTokens: 1 }
}

function lookAhead(proved: ProofRun['proved'], headPaths = proved.map(({ finding }) => finding.path)) {
  const looked: string[] = []
  const begun = new Map<string, DoubtSubject>()
  const looks: Looks = {
    at: async (subject) => {
      begun.set(subject.finding.path, subject)
      looked.push(subject.finding.path)
      return {
        id: '',
        verdict: 'stands',
        because: '',
        usage: { calls: 1, promptTokens: 0, completionTokens: 0, modelMs: 0 },
        promptHash: '',
      }
    },
    nameOf: ({ finding }) => finding.path,
    begun: () => begun,
    settled: async () => {},
  }
  const meanwhile = createLookAhead({
    looks,
    most: 24,
    prove: async () => ({
      proved,
      headTexts: new Map(headPaths.map((path) => [path, ''])),
      isAtHome: ({ title }) => !title.includes('elsewhere'),
    }),
    subjectOf: (finding) => ({ finding, code: '', shown: [] }),
  })
  const next = (...left: FindPiece[]) => meanwhile({ passes: 1, proposals: [] }, left)
  return { next, looked }
}

describe('a look at a finding while prompts are out', () => {
  test('goes to the heaviest first, once each, until there is none', async () => {
    const { next, looked } = lookAhead([found('light', 0.2), found('heavy', 0.9)])
    expect([await next(piece('z')), await next(piece('z')), await next(piece('z'))]).toEqual([true, true, false])
    expect(looked).toEqual(['heavy', 'light'])
  })

  test.each([
    ['its file is still read by a prompt', [found('a')], [piece('a', 'b')]],
    ['it names what may stand beyond the change', [found('a', 0.5, 'elsewhere() is missing')], [piece('z')]],
    ['three prompts may bring as many findings as are looked at', [found('a')], [piece('x'), piece('y'), piece('z')]],
  ])('is not certain where %s', async (_why, proved, left) => {
    const { next, looked } = lookAhead(proved)
    expect(await next(...left)).toBe(false)
    expect(looked).toEqual([])
  })

  test('is not certain where the file may not be read as a whole', async () => {
    const { next } = lookAhead([found('a')], [])
    expect(await next(piece('z'))).toBe(false)
  })

  test('leaves room for what the prompts that are out may bring', async () => {
    const { next, looked } = lookAhead(
      Array.from({ length: 30 }, (_, index) => found(`file-${index}`, 0.9 - index / 100)),
    )
    const left = [piece('y'), piece('z')]
    while (await next(...left));
    expect(looked).toEqual(Array.from({ length: 8 }, (_, index) => `file-${index}`))
    while (await next(piece('z')));
    expect(looked).toHaveLength(16)
  })
})
