import { HEAD_SHA, REPOSITORY, sampleDelivery, sampleJob, samplePod } from '../../../ports/contracts/samples.ts'
import { type JobId, jobId, podName } from '../../../ports/ids.ts'
import { microUsd } from '../../../ports/money.ts'
import { type Json, RECONCILE_LEASE, type Store } from '../../../ports/store.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

export interface Seeded {
  readonly reviewId: JobId
  readonly inferId: JobId
  readonly openId: JobId
  readonly failedId: JobId
  readonly verdictId: string
}

/** A fortnight of work up to `now`. Every text that strangers can write goes through `strange`. */
export async function seedStore(store: Store, now: number, strange: (text: string) => string): Promise<Seeded> {
  const lease = await store.leases.acquire(RECONCILE_LEASE, 'seed', HOUR_MS * 1_000, now)
  const fence = lease?.fence ?? 0
  for (let day = 13; day >= 0; day--) {
    const at = now - day * DAY_MS
    const pod = samplePod(100 + day, {
      state: day === 0 ? 'ready' : 'gone',
      model: strange('qwen3-coder:30b'),
      intentAt: at - 6 * MINUTE_MS,
      attemptedAt: at - 6 * MINUTE_MS + 400,
      runningAt: at - 5.6 * MINUTE_MS,
      readyAt: at - 5.6 * MINUTE_MS + 20_000 + ((day * 7_919) % 17) * 1_500,
      lastUseAt: at - MINUTE_MS,
      deadlineAt: at + 3 * HOUR_MS,
      ...(day === 0 ? {} : { goneAt: at }),
    })
    await store.pods.insertIntent(pod, fence, [])
    const spent = 60_000 + ((day * 31) % 7) * 21_000
    await store.ledger.write(
      { podName: pod.name, kind: day === 0 ? 'accrue' : 'settle', microUsd: microUsd(spent), at: at - MINUTE_MS },
      fence,
    )
    const shares = [
      [REPOSITORY, 0.5],
      ['acme/orders', 0.3],
      [null, 0.12 - (day % 4) * 0.02],
    ] as const
    for (const [index, [repository, share]] of shares.entries()) {
      await store.ledger.chargeJob({
        jobId: `seed-${day}-${index}`,
        podName: pod.name,
        repository,
        microUsd: microUsd(Math.round(spent * share)),
        gpuMs: 40_000 + index * 9_000,
        at: at - MINUTE_MS,
      })
    }
  }
  const ids = await seedJobs(store, now, strange)
  await seedGovernance(store, now, strange)
  await store.keys.add({
    id: 'key_agent',
    name: strange('agent'),
    scopes: ['infer'],
    hash: 'f'.repeat(64),
    models: null,
    monthlyMicroUsd: microUsd(5_000_000),
    createdAt: now - 20 * DAY_MS,
    lastUsedAt: now - 34 * MINUTE_MS,
    revokedAt: null,
  })
  await store.deliveries.addAll([sampleDelivery(1), sampleDelivery(2)])
  await store.facts.set('fleet/billing', {
    at: now - 5 * HOUR_MS,
    ratio: 0.012,
    isAlarming: false,
    ledgerMicroUsd: 612_000,
    billedMicroUsd: 619_000,
    unknownPods: [strange('stray-pod')],
  })
  await store.facts.set('upkeep:last', now - 4 * MINUTE_MS)
  await store.facts.set('fleet/cool-downs', {
    'NVIDIA GeForce RTX 4090 COMMUNITY': { until: now + 90_000, cause: strange('no-capacity') },
  })
  return { ...ids, verdictId: '01JD00000000000000000VERD1' }
}

async function seedJobs(store: Store, now: number, strange: (text: string) => string) {
  const pod = podName.parse(samplePod(100).name)
  const idAt = (n: number) => jobId.parse(`01JE${String(n).padStart(22, '0')}`)
  for (let n = 1; n <= 60; n++) {
    const createdAt = now - (62 - n) * 17 * MINUTE_MS
    const id = idAt(n)
    await store.jobs.create(
      sampleJob(n, {
        id,
        kind: 'infer',
        repository: null,
        pullRequest: null,
        headSha: null,
        requestedBy: strange('key:agent'),
        request: { prompt: strange('Say what a GPU is.'), model: strange('qwen3-coder:30b') },
        createdAt,
      }),
    )
    const claimed = await store.jobs.claim(id, createdAt + 300)
    const inferMs = 700 + ((n * 7_919) % 23) * 90
    await store.jobs.addEvent(id, {
      at: createdAt + 400 + inferMs,
      kind: 'model-call',
      text: strange('The model answered with 120 tokens.'),
      facts: { queueMs: 300, spinUpMs: 100, inferMs },
    })
    await store.jobs.update(id, claimed?.fence ?? 0, {
      state: 'done',
      outcome: 'answered',
      endedAt: createdAt + 420 + inferMs,
      costMicroUsd: microUsd(900 + n),
      result: {
        id,
        model: strange('qwen3-coder:30b'),
        output: strange('A graphics processor: many small cores that work side by side.'),
        usage: { promptTokens: 31, completionTokens: 120 },
        timing: { queueMs: 300, spinUpMs: 100, inferMs },
        cost: { usd: 0.001 },
      },
    })
  }
  const reviewId = idAt(61)
  const createdAt = now - 12 * MINUTE_MS
  await store.jobs.create(sampleJob(7, { id: reviewId, requestedBy: strange('ada'), createdAt }))
  const claimed = await store.jobs.claim(reviewId, createdAt + 900)
  for (const event of reviewEvents(createdAt, pod, strange)) await store.jobs.addEvent(reviewId, event)
  await store.jobs.update(reviewId, claimed?.fence ?? 0, {
    state: 'done',
    outcome: 'posted',
    endedAt: createdAt + 118_000,
    costMicroUsd: microUsd(21_400),
    result: reviewResult(createdAt, strange),
  })
  const failedId = idAt(62)
  await store.jobs.create(sampleJob(9, { id: failedId, requestedBy: strange('bob'), createdAt: now - 5 * MINUTE_MS }))
  const failing = await store.jobs.claim(failedId, now - 5 * MINUTE_MS + 500)
  await store.jobs.update(failedId, failing?.fence ?? 0, {
    state: 'failed',
    outcome: 'failed',
    endedAt: now - 4 * MINUTE_MS,
    error: {
      code: 'no-capacity',
      message: strange('No pod was to be had in three tries.'),
      remedy: strange('Allow more kinds of GPU in fleet.gpus.'),
    },
  })
  const openId = idAt(63)
  await store.jobs.create(sampleJob(8, { id: openId, requestedBy: strange('bob'), createdAt: now - 40_000 }))
  await store.jobs.claim(openId, now - 39_000)
  await store.jobs.addEvent(openId, { at: now - 38_000, kind: 'pod', text: strange('renting: RTX 4090'), facts: null })
  return { reviewId, inferId: idAt(60), openId, failedId }
}

function reviewEvents(at: number, pod: string, strange: (text: string) => string) {
  const event = (afterMs: number, kind: string, text: string, facts: Json = null) => ({
    at: at + afterMs,
    kind,
    text,
    facts,
  })
  const call = (n: number, fromMs: number, toMs: number) =>
    event(toMs, 'model-call', strange(`find/${n}`), {
      startedAt: at + fromMs,
      promptTokens: 4_100 + n * 311,
      completionTokens: 180 + n * 40,
    })
  return [
    event(1_000, 'pod', `queued: ${strange('waiting for a pod')}`),
    event(1_600, 'pod', `renting: ${strange('RTX 4090 is creating')}`),
    event(14_000, 'pod', `booting: ${strange('RTX 4090 is booting')}`),
    event(31_000, 'pod', `loading: ${strange('RTX 4090 is warming')}`),
    event(58_000, 'pod', `ready: ${strange('RTX 4090 after 57 s')}`),
    event(58_200, 'engine', `${strange('qwen3-coder:30b')} on ${pod}`, { gpu: 'RTX 4090', slots: 2 }),
    call(1, 58_500, 73_000),
    call(2, 58_700, 79_000),
    call(3, 73_100, 91_000),
    call(4, 79_200, 104_000),
    event(117_500, 'published', strange('The review ended as posted')),
  ]
}

function reviewResult(at: number, strange: (text: string) => string): Json {
  const finding = (n: number, severity: string, title: string) => ({
    id: `f${n}`,
    path: strange('src/orders/total.ts'),
    line: 14 + n,
    endLine: null,
    severity,
    category: strange('correctness'),
    title: strange(title),
    body: strange('The loop runs one past the end, so the last turn adds undefined and the sum becomes NaN.'),
    quote: strange('for (let i = 0; i <= prices.length; i++) {'),
    suggestion: strange('for (let i = 0; i < prices.length; i++) {'),
    confidence: 0.9,
  })
  return {
    outcome: 'posted',
    findings: [
      finding(1, 'high', 'The loop runs one past the end'),
      finding(2, 'medium', 'An empty order divides by zero'),
    ],
    coverage: [
      { path: strange('src/orders/total.ts'), hunk: '-10,4 +12,6', state: 'reviewed' },
      { path: strange('package-lock.json'), hunk: 'file', state: 'skipped', reason: strange('lock') },
    ],
    usage: { calls: 4, promptTokens: 18_200, completionTokens: 940 },
    cost: { usd: 0.0214, gpuSeconds: 59.5 },
    receipt: {
      model: strange('qwen3-coder:30b'),
      digest: 'sha256:0123456789abcdef',
      pod: null,
      gpu: strange('NVIDIA GeForce RTX 4090'),
      seed: 4242,
      passes: 1,
      promptVersions: { find: '3', doubt: '2' },
      promptHashes: ['aaaaaaaaaaaaaaaaaaaa', 'bbbbbbbbbbbbbbbbbbbb'],
      startedAt: at,
      endedAt: at + 118_000,
    },
    checklist: [
      { topic: 'architecture', state: 'fine', text: strange('Nothing leaves its layer.') },
      { topic: 'tests-and-errors', state: 'attention', text: strange('The empty order has no test.') },
      { topic: 'performance', state: 'not-checked', text: strange('Not looked at.') },
    ],
    shortfall: strange('One file was not read.'),
    notes: [strange('The head moved while it was read.')],
    reviewUrl: 'https://github.com/acme/shop/pull/7#pullrequestreview-1',
  }
}

async function seedGovernance(store: Store, now: number, strange: (text: string) => string): Promise<void> {
  for (let n = 0; n < 24; n++) {
    await store.governance.addVerdict({
      id: n === 0 ? '01JD00000000000000000VERD1' : `01JD0000000000000000VERD${String(10 + n)}`,
      repository: REPOSITORY,
      pullRequest: n === 5 ? null : 7 + (n % 4),
      headSha: HEAD_SHA,
      conclusion: n % 3 === 0 ? 'failure' : 'success',
      drift: n % 3 === 0 ? 2 : n % 5 === 0 ? 1 : 0,
      snapshot: '{}',
      policy: '{}',
      verdict: n === 0 ? verdictOf(strange) : { rules: [] },
      createdAt: now - n * 9 * HOUR_MS - MINUTE_MS,
    })
  }
  await store.governance.addWaiver({
    repository: REPOSITORY,
    pullRequest: 7,
    headSha: HEAD_SHA,
    rule: strange('plan/scope'),
    by: strange('ada'),
    reason: strange('Hotfix for the outage of this morning'),
    at: now - 3 * HOUR_MS,
  })
  await store.facts.set('canaries', {
    at: now - 20 * MINUTE_MS,
    dead: [{ rule: strange('plan/ghost'), said: strange('pass'), message: strange('No ghost was seen.') }],
  })
}

function verdictOf(strange: (text: string) => string): Json {
  const rule = (id: string, level: string, status: string, message: string, more: Record<string, Json> = {}) => ({
    id,
    level,
    status,
    message: strange(message),
    values: { branch: strange('phase-1/cart'), expected: 'dev' },
    where: [{ path: strange('DEV_MAN/active/plan_v1.0.md'), line: 12 }],
    remedy: null,
    waived: null,
    ...more,
  })
  const remedy = { kind: 'mechanical', text: strange('Run `devloop plan bump`.'), who: strange('the author') }
  return {
    rules: [
      rule('branch/name', 'block', 'pass', 'The branch is named phase-1/cart.'),
      rule('branch/target', 'block', 'pass', 'It aims at dev.'),
      rule('review/approved', 'block', 'fail', '0 of 1 approvals on this head.', {
        remedy: { ...remedy, kind: 'judgement', text: strange('Ask bob for a review.') },
      }),
      rule('checks/green', 'block', 'unknown', 'The checks could not be read.'),
      rule('plan/silent-edit', 'block', 'fail', 'The plan changed without a version step.', { remedy }),
      rule('plan/scope', 'warn', 'fail', 'src/pay.ts is in no cited task.', {
        waived: { by: strange('ada'), reason: strange('Hotfix') },
      }),
      rule('plan/stale', 'warn', 'skip', 'Nothing merged yet.'),
      rule('agents/rules-in-sync', 'warn', 'fail', 'AGENTS.md differs from the policy.', { remedy }),
    ],
    shortestPath: [
      { text: strange('Run `devloop plan bump` and push'), who: strange('the author') },
      { text: strange('Approve the new head'), who: strange('bob') },
    ],
    pathReachesGreen: true,
  }
}
