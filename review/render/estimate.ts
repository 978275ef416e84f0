import { formatUsd } from '../../ports/money.ts'
import type { Estimate } from '../estimate.ts'
import { isGap } from '../outcome.ts'
import { coverageTable, reasonCounts } from './coverage-table.ts'
import { codeSpan, details, table } from './markdown-text.ts'
import { count, duration } from './words.ts'

/** The answer to `--estimate`, as Markdown. */
export function renderEstimate(estimate: Estimate): string {
  const { coverage, prompts, promptTokens, startMs, modelMs, microUsd, model } = estimate
  const read = coverage.filter(({ state }) => state === 'reviewed').length
  const gaps = coverage.filter(isGap)
  const rows = [
    ['model', codeSpan(model)],
    ['passes', `1 over ${count(prompts, 'prompt')}, ${promptTokens.toLocaleString('en-US')} tokens in`],
    [
      'time',
      prompts === 0 ? 'none' : `${duration(startMs)} to start a GPU if none is warm, ${duration(modelMs)} to read`,
    ],
    ['cost', prompts === 0 ? '$0' : `about ${formatUsd(microUsd)}`],
    [
      'coverage',
      `${read} of ${count(coverage.length, 'hunk')}${gaps.length === 0 ? '' : `; not read: ${reasonCounts(gaps)}`}`,
    ],
  ]
  return [
    '### DevLoop estimate: nothing was rented',
    table(['', ''], rows),
    details('Hunk by hunk', coverageTable(coverage, 200)),
  ].join('\n\n')
}
