import type { JobRow } from '../../ports/store.ts'
import { json, toRecord } from './columns.ts'
import { createGatherer } from './gatherer.ts'
import type { Sql } from './sql.ts'

export interface Claim {
  readonly id: string
  readonly at: number
}

/** Claims of jobs; those that come together share a statement. */
export function createClaims(sql: Pick<Sql, 'query'>): (claim: Claim) => Promise<JobRow | undefined> {
  return createGatherer<Claim, JobRow | undefined>(
    async (claims) => {
      const rows = await sql.query(
        `UPDATE devloop.job j SET fence = j.fence + 1, started_at = coalesce(j.started_at, v.at)
         FROM unnest($1::text[], $2::bigint[]) AS v (id, at) WHERE j.id = v.id AND j.ended_at IS NULL RETURNING j.*`,
        [claims.map(({ id }) => id), claims.map(({ at }) => at)],
      )
      const claimed = new Map(rows.map((row) => toRecord<JobRow>(row)).map((row) => [row.id as string, row]))
      return claims.map(({ id }) => claimed.get(id))
    },
    ({ id }) => id,
  )
}

/** What is written when a job ends well or badly, by whoever holds the fence. */
export interface End {
  readonly id: string
  readonly fence: number
  readonly patch: Partial<JobRow>
}

const ENDING = ['state', 'outcome', 'error', 'result', 'costMicroUsd', 'endedAt'] as const

/** Whether a patch is the usual end of a job, which may share a statement with others. */
export function isEnd(patch: Partial<JobRow>): boolean {
  return Object.keys(patch).length === ENDING.length && ENDING.every((field) => patch[field] !== undefined)
}

/** Ends of jobs; those that come together share a statement. Answers whether the fence was still held. */
export function createEnds(sql: Pick<Sql, 'query'>): (end: End) => Promise<boolean> {
  return createGatherer<End, boolean>(
    async (ends) => {
      const lists = ENDING.map((field) => ends.map(({ patch }) => parameterOf(field, patch[field])))
      const rows = await sql.query<{ id: string }>(
        `UPDATE devloop.job j SET state = v.state, outcome = v.outcome, error = v.error, result = v.result,
           cost_micro_usd = v.cost, ended_at = v.ended
         FROM unnest($1::text[], $2::bigint[], $3::text[], $4::text[], $5::json[], $6::json[], $7::bigint[], $8::bigint[])
           AS v (id, fence, state, outcome, error, result, cost, ended)
         WHERE j.id = v.id AND j.fence = v.fence RETURNING j.id`,
        [ends.map(({ id }) => id), ends.map(({ fence }) => fence), ...lists],
      )
      const written = new Set(rows.map(({ id }) => id))
      return ends.map(({ id }) => written.has(id))
    },
    ({ id }) => id,
  )
}

function parameterOf(field: (typeof ENDING)[number], value: unknown): unknown {
  return field === 'error' || field === 'result' ? json(value) : value
}
