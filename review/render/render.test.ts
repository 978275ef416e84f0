import { describe, expect, it } from 'vitest'
import { microUsd } from '../../ports/money.ts'
import { sarifProblems } from '../../ports/contracts/sarif.contract.ts'
import type { CoverageEntry } from '../finding.ts'
import { clean, failed, posted } from './__fixtures__/result.ts'
import { reviewCheck } from './check-run.ts'
import { renderEstimate } from './estimate.ts'
import { failureCheck, renderFailure } from './failure.ts'
import { inlineComment } from './inline-comment.ts'
import { reviewJson } from './json.ts'
import { readFindingMarker, summaryMarker } from './markers.ts'
import { withNothingNew } from './nothing-new.ts'
import { renderProgress } from './progress.ts'
import { reviewSarif } from './sarif.ts'
import { renderSummary } from './summary.ts'
import { renderTerminal } from './terminal.ts'

const context = { detailsUrl: 'https://devloop.test/jobs/1', withMarker: true }
const progress = {
  headSha: 'a'.repeat(40),
  phase: 'reading',
  detail: '',
  promptsDone: 2,
  promptsAll: 5,
  filesDone: 5,
  filesAll: 12,
  spentMicroUsd: microUsd(4_200),
  elapsedMs: 95_000,
  detailsUrl: context.detailsUrl,
} as const
const estimate = {
  model: 'qwen3-coder:30b',
  prompts: 3,
  promptTokens: 18_400,
  startMs: 150_000,
  modelMs: 18_000,
  microUsd: microUsd(32_000),
  coverage: posted.coverage,
}
const failure = {
  kind: 'failed',
  message: 'There is no model `x`.',
  remedy: 'Name another.',
  headSha: 'a'.repeat(40),
  detailsUrl: null,
} as const

describe('what people read', () => {
  it.each([
    ['summary-partial.md', renderSummary(posted, context)],
    ['summary-clean.md', renderSummary(clean, context)],
    ['summary-failed.md', renderSummary(failed, { ...context, detailsUrl: null })],
    ['inline.md', posted.ranking.inline.map((finding) => inlineComment(finding)?.body).join('\n\n=====\n\n')],
    ['progress.md', renderProgress(progress)],
    ['failure.md', renderFailure(failure)],
    ['estimate.md', renderEstimate(estimate)],
    ['terminal.txt', renderTerminal(posted, { colour: false })],
    ['terminal-clean.txt', renderTerminal(clean, { colour: false })],
    ['review.json', `${JSON.stringify(reviewJson(posted), null, 2)}\n`],
    ['review.sarif', `${JSON.stringify(reviewSarif(posted), null, 2)}\n`],
    ['check.json', `${JSON.stringify({ ...reviewCheck(posted, null), text: '(the summary)' }, null, 2)}\n`],
  ])('%s is as its golden file says', async (name, text) => {
    const dot = name.lastIndexOf('.')
    await expect(text).toMatchFileSnapshot(`./__golden__/${name.slice(0, dot)}.golden${name.slice(dot)}`)
  })

  it.each([
    ['posted', posted],
    ['clean', clean],
    ['failed', failed],
  ])('a %s review is valid SARIF 2.1.0, and a wrong one is told', (_outcome, result) => {
    const log = reviewSarif(result)
    expect(sarifProblems(log)).toEqual([])
    expect(sarifProblems({ ...log, version: '2.2' })).not.toEqual([])
  })

  it('is coloured only when asked', () => {
    const control = String.fromCharCode(27)
    expect(renderTerminal(posted, { colour: true })).toContain(control)
    expect(renderTerminal(posted, { colour: false })).not.toContain(control)
  })
})

describe('a summary', () => {
  it('stays within a comment however much there is, and says what it cut', () => {
    const coverage = Array.from(
      { length: 3_000 },
      (_, index): CoverageEntry => ({
        path: `src/${'deep/'.repeat(20)}file-${index}.ts`,
        hunk: `-1,9 +${index},12`,
        state: 'skipped',
        reason: 'budget',
      }),
    )
    const text = renderSummary({ ...posted, coverage }, context)
    expect(text.length).toBeLessThan(65_536)
    expect(text).toContain('this comment has no room for them')
    expect(text).toContain('Receipt: $0.0123')
  })

  it('holds our marker once although a model wrote it too', () => {
    const text = renderSummary({ ...posted, ranking: { ...posted.ranking, folded: posted.ranking.inline } }, context)
    expect(text.split(summaryMarker)).toHaveLength(2)
  })
})

describe('an inline comment', () => {
  const bodies = posted.ranking.inline.map((finding) => inlineComment(finding)?.body ?? '')

  it('can be found again by its finding', () => {
    expect(bodies.map(readFindingMarker)).toEqual(posted.ranking.inline.map(({ id }) => id))
  })

  it('covers the lines that its suggestion replaces', () => {
    const [finding] = posted.ranking.inline
    if (finding === undefined) throw new Error('no finding')
    expect(inlineComment(finding)).toMatchObject({ startLine: 7, line: 9, side: 'RIGHT' })
    expect(inlineComment({ ...finding, side: 'LEFT' })?.body).not.toContain('```suggestion')
    expect(inlineComment({ ...finding, line: null, endLine: null })).toBeUndefined()
  })

  it('keeps a suggestion with a fence inside in one block', () => {
    const [finding] = posted.ranking.inline
    if (finding === undefined) throw new Error('no finding')
    expect(inlineComment({ ...finding, suggestion: '```\nx\n```' })?.body).toContain(
      '````suggestion\n```\nx\n```\n````',
    )
  })

  it('mentions nobody, closes nothing and commands nothing', () => {
    for (const body of [...bodies, renderSummary(posted, context)]) {
      expect(body).not.toMatch(/(?<!`)@admin/)
      expect(body).not.toMatch(/(?<!`)#1/)
      expect(body).not.toMatch(/^\/devloop/m)
    }
  })
})

describe('a check run', () => {
  it.each([
    [clean, 'success'],
    [posted, 'neutral'],
    [failed, 'failure'],
  ])('concludes by the outcome', (result, conclusion) => {
    expect(reviewCheck(result, null).conclusion).toBe(conclusion)
  })

  it('annotates head lines only', () => {
    expect(reviewCheck(posted, null).annotations.map(({ startLine }) => startLine)).toEqual([7, 42])
  })

  it('keeps the buttons within GitHub’s limits', () => {
    for (const { label, description, identifier } of failureCheck(failure, reviewCheck(posted, null).headSha).actions) {
      expect([label.length <= 20, description.length <= 40, identifier.length <= 20]).toEqual([true, true, true])
    }
  })
})

describe('a note that nothing is new', () => {
  it('stands below the heading once', () => {
    const twice = withNothingNew(withNothingNew('m\n\n### Head\n\nbody', 'First.'), 'Second.')
    expect(twice).toBe('m\n\n### Head\n> Second. <!-- devloop:nothing-new -->\n\nbody')
  })
})
