import { usdFromMicroUsd } from '../../ports/money.ts'
import type { Json } from '../../ports/store.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import type { ReviewResult } from '../result.ts'

/** The public JSON of a review (`devloop review --json`). Fields are only ever added. */
export function reviewJson(result: ReviewResult): { readonly [key: string]: Json } {
  const { outcome, ranking, usage, cost, receipt, coverage } = result
  return {
    outcome,
    findings: [...ranking.inline, ...ranking.folded].map(findingJson),
    coverage: coverage.map(({ path, hunk, state, reason }) => ({ path, hunk, state, ...(reason ? { reason } : {}) })),
    usage: { calls: usage.calls, promptTokens: usage.promptTokens, completionTokens: usage.completionTokens },
    cost: { usd: usdFromMicroUsd(cost.microUsd), gpuSeconds: Math.round(cost.gpuMs) / 1000 },
    receipt: { ...receipt, promptVersions: { ...receipt.promptVersions }, promptHashes: [...receipt.promptHashes] },
    checklist: result.checklist.map(({ topic, state, text }) => ({ topic, state, text })),
    requirements: result.requirements.map(({ id, issue, text, verdict, evidence }) => ({
      id,
      issue,
      text,
      verdict,
      evidence: evidence === null ? null : { ...evidence },
    })),
    mustCheck: result.mustCheck.map(({ id, question, verdict, reason }) => ({ id, question, verdict, reason })),
    suppressed: ranking.suppressed.map(({ finding, reason, because }) => ({
      ...findingJson(finding),
      why: reason,
      because,
    })),
    shortfall: result.shortfall,
    notes: [...result.notes],
  }
}

function findingJson(finding: VotedFinding) {
  const { id, path, line, endLine, severity, category, title, body, quote, suggestion, confidence, side, votes } =
    finding
  return {
    id,
    path,
    line,
    endLine,
    side,
    severity,
    category,
    title,
    body,
    quote,
    ...(suggestion === undefined ? {} : { suggestion }),
    confidence,
    votes: `${votes.said}/${votes.passes}`,
  }
}
