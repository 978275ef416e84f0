import type { Sql } from '../sql.ts'

/**
 * A past of `jobs` ended jobs over the last twenty months: two in three were prompts, the rest reviews of two hundred repositories; each was
 * charged once, and one in `jobsPerPod` had a pod rented for it. A hundred jobs wait.
 */
export async function storePast(sql: Pick<Sql, 'script'>, jobs: number, now: number, jobsPerPod = 20): Promise<void> {
  const apartMs = Math.ceil((600 * 86_400_000) / jobs)
  await sql.script(`
    ALTER TABLE devloop.job_cost DISABLE TRIGGER job_charged;
    INSERT INTO devloop.job (id, kind, key, repository, pull_request, requested_by, state, fence, created_at, started_at, ended_at,
      deadline_at, outcome, result, cost_micro_usd)
    SELECT '01' || lpad(n::text, 24, '0'), CASE WHEN n % 3 = 0 THEN 'review' ELSE 'infer' END, 'k' || n, 'acme/r' || n % 200,
      n % 1000, 'u' || n % 500, CASE WHEN n % 50 = 0 THEN 'failed' ELSE 'done' END, 1, at, at + 10, at + 2000, at + 60000,
      CASE WHEN n % 50 = 0 THEN 'failed' WHEN n % 3 = 0 THEN 'posted' ELSE 'answered' END, '{"timing": {"inferMs": 1500}}', 100
    FROM (SELECT n, ${now} - (${jobs} - n)::bigint * ${apartMs} AS at FROM generate_series(1, ${jobs}) AS n) AS past;
    INSERT INTO devloop.job (id, kind, key, repository, requested_by, created_at, deadline_at)
    SELECT '02' || lpad(n::text, 24, '0'), 'infer', 'k' || n, 'acme/r1', 'u1', ${now}, ${now} + 60000 FROM generate_series(1, 100) AS n;
    INSERT INTO devloop.job_cost (job_id, pod_name, repository, micro_usd, gpu_ms, at)
    SELECT id, 'pod' || key, repository, 100, 1500, ended_at FROM devloop.job WHERE ended_at IS NOT NULL;
    INSERT INTO devloop.charge_day
    SELECT at / 86400000, 0, count(*), sum(micro_usd)::bigint FROM devloop.job_cost GROUP BY 1;
    INSERT INTO devloop.job_count SELECT created_at / 86400000, coalesce(outcome, state), 0, count(*) FROM devloop.job
      WHERE ended_at IS NOT NULL GROUP BY 1, 2;
    INSERT INTO devloop.ledger (pod_name, reserve, accrue, settle, spent_at)
    SELECT 'pod' || key, 9000, 5000, 5000, ended_at FROM devloop.job WHERE ended_at IS NOT NULL
      AND right(id, 9)::int % ${jobsPerPod} = 0;
    INSERT INTO devloop.job_event (job_id, at, kind, text) SELECT id, created_at, 'ended', 'answered' FROM devloop.job;
    INSERT INTO devloop_queue.job (name, data, singleton_key, policy, state, completed_on)
    SELECT 'infer', '{}', 'k' || n, 'key_strict_fifo', 'completed', now() FROM generate_series(1, ${Math.min(jobs, 20_000)}) AS n;
    INSERT INTO devloop_queue.job (name, data, singleton_key, policy)
    SELECT 'infer', json_build_object('subject', '02' || lpad(n::text, 24, '0'), 'key', 'k' || n, 'failures', 0)::jsonb, 'k' || n,
      'key_strict_fifo' FROM generate_series(1, 100) AS n;
    ALTER TABLE devloop.job_cost ENABLE TRIGGER job_charged;
    ANALYZE;
  `)
}
