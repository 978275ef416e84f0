import { usdFromMicroUsd } from '../../ports/money.ts'
import type { JobRow } from '../../ports/store.ts'
import type { JobAnswer } from './schemas.ts'

/** A stored job as the controller shows it. */
export function jobAnswer(row: JobRow): JobAnswer {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    outcome: row.outcome,
    repository: row.repository,
    pullRequest: row.pullRequest,
    requestedBy: row.requestedBy,
    createdAt: isoTime(row.createdAt),
    startedAt: row.startedAt === null ? null : isoTime(row.startedAt),
    endedAt: row.endedAt === null ? null : isoTime(row.endedAt),
    cost: { usd: usdFromMicroUsd(row.costMicroUsd) },
    error: row.error,
    result: row.result,
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
