import { Counter, Gauge, Histogram, Registry } from 'prom-client'

/**
 * Every metric of DevLoop. What the store knows is shown for the whole installation, so every replica shows the same: take one replica's
 * value (`max`), never the sum. Counters over the store begin anew with each month, which `increase()` takes for a restart.
 */
export function createInstruments() {
  const registry = new Registry()
  const registers = [registry]
  const counter = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Counter({ name, help, labelNames, registers })
  const gauge = (name: string, help: string, labelNames: readonly string[] = []) =>
    new Gauge({ name, help, labelNames, registers })
  const histogram = (name: string, help: string, buckets: number[], labelNames: readonly string[] = []) =>
    new Histogram({ name, help, buckets, labelNames, registers })
  return {
    registry,
    jobs: counter('devloop_jobs_total', 'Jobs ended this month, by outcome.', ['outcome']),
    openJobs: gauge('devloop_jobs_open', 'Jobs of this month that are not ended, by state.', ['state']),
    queueDepth: gauge('devloop_queue_messages', 'Messages of a queue, waiting and active.', ['queue', 'state']),
    queueWait: histogram(
      'devloop_queue_wait_seconds',
      'From the making of a job to its first attempt.',
      [0.1, 0.5, 1, 5, 15, 60, 300, 900],
      ['kind'],
    ),
    pods: gauge('devloop_pods', 'Live pods, by state.', ['state']),
    podSeconds: counter('devloop_pod_seconds_total', 'Seconds of rented pods this month, by phase of their life.', [
      'state',
    ]),
    spend: gauge('devloop_spend_microusd', 'Spent on pods, in micro-dollars.', ['period']),
    idleSpend: gauge('devloop_idle_spend_microusd', 'Spent while no job ran, in micro-dollars.', ['period']),
    budget: gauge('devloop_budget_microusd', 'The most that may be spent, in micro-dollars.', ['period']),
    spinUp: histogram(
      'devloop_spin_up_seconds',
      'From the wish for a pod to its first answer.',
      [5, 10, 20, 30, 45, 60, 90, 120, 300, 600],
    ),
    inference: histogram(
      'devloop_inference_seconds',
      'One prompt on a ready engine.',
      [0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 120],
    ),
    githubCalls: counter('devloop_github_calls_total', 'Calls to GitHub by this process.', ['route', 'status']),
    githubRemaining: gauge('devloop_github_rate_remaining', "What is left of GitHub's hourly limit, as last told."),
    deliveries: gauge('devloop_deliveries', 'Stored webhook deliveries of the last week, by fate.', ['fate']),
    verdicts: counter('devloop_rule_verdicts_total', 'What rules said since this process began.', ['rule', 'status']),
    drift: gauge('devloop_plan_drift', 'Failing plan rules over the open pull requests judged lately.'),
    sweepKills: counter('devloop_sweep_kills_total', 'Pods ended because nobody held them.'),
  }
}

export type Instruments = ReturnType<typeof createInstruments>
