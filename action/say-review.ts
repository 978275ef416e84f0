import type { Severity } from '../review/finding.ts'
import { reviewJson } from '../review/render/json.ts'
import { reviewSarif } from '../review/render/sarif.ts'
import { renderSummary } from '../review/render/summary.ts'
import type { ReviewResult } from '../review/result.ts'
import type { Spent } from './engine-wish.ts'
import type { FailOn, Inputs } from './inputs.ts'
import { writeReport } from './report-file.ts'
import type { RunnerCommands } from './runner-commands.ts'
import { sayCost } from './said-cost.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

const SEVERITIES: readonly Severity[] = ['low', 'medium', 'high', 'critical']
const LEVEL = { critical: 'error', high: 'error', medium: 'warning', low: 'notice' } as const

/** A review's end: outputs, report, summary, and annotations where nothing stands on the pull request. */
export function sayReview(
  result: ReviewResult,
  spent: Spent,
  inputs: Inputs,
  options: { readonly isPosted: boolean },
  world: ActionWorld,
  runner: RunnerCommands,
): CommandEnd {
  const findings = [...result.ranking.inline, ...result.ranking.folded]
  const isFailed = result.outcome === 'failed'
  const isTooBad = findings.some(({ severity }) => reaches(severity, inputs.failOn))
  runner.setOutput('outcome', result.outcome)
  runner.setOutput('conclusion', isFailed || isTooBad ? 'failure' : result.outcome === 'clean' ? 'success' : 'neutral')
  runner.setOutput('findings', String(findings.length))
  const cost = sayCost(inputs, spent.cost, runner)
  if (spent.podName !== null) runner.setOutput('pod-name', spent.podName)
  runner.setOutput('report', writeReport(world.env.RUNNER_TEMP, 'review', reviewSarif(result), reviewJson(result)))
  runner.addSummary(`${renderSummary(result, { detailsUrl: null, withMarker: false })}\n\nCost: ${cost}`)
  world.stdout(`${result.outcome}: ${findings.length} findings, ${cost}\n`)
  if (!options.isPosted)
    for (const { severity, title, body, path, line } of findings)
      runner.annotate(LEVEL[severity], body === '' ? title : `${title}\n${body}`, {
        title: `DevLoop: ${severity}`,
        path,
        ...(line === null ? {} : { line }),
      })
  if (isFailed) runner.annotate('error', `The review failed: ${result.shortfall ?? 'no reason was given'}`)
  return { exitCode: inputs.failOn !== 'never' && (isFailed || isTooBad) ? 1 : 0 }
}

function reaches(severity: Severity, failOn: FailOn | null): boolean {
  const order: readonly string[] = SEVERITIES
  return failOn !== null && order.includes(failOn) && order.indexOf(severity) >= order.indexOf(failOn)
}
