import { microUsd } from '../../../ports/money.ts'
import type { VotedFinding } from '../../rank/ranked.ts'
import type { ReviewResult } from '../../result.ts'

const base: VotedFinding = {
  id: '0123456789ab',
  path: 'src/cart/total.ts',
  line: 42,
  endLine: 42,
  side: 'RIGHT',
  place: 'quoted',
  severity: 'high',
  category: 'correctness',
  title: 'The loop runs one past the end',
  body: 'With `<=` the last turn reads `prices[prices.length]`, which is `undefined`, so the sum becomes NaN. It happens for every cart.',
  quote: '  for (let i = 0; i <= prices.length; i++) {',
  suggestion: '  for (let i = 0; i < prices.length; i++) {',
  confidence: 0.9,
  votes: { said: 2, passes: 2 },
}

/** A review with something of everything. */
export const posted: ReviewResult = {
  outcome: 'partial',
  ranking: {
    inline: [
      {
        ...base,
        id: 'aaaaaaaaaaaa',
        path: 'src/db.ts',
        line: 7,
        endLine: 9,
        severity: 'critical',
        category: 'security',
        title: 'SQL is built from `id`, ask @admin',
        body: 'Whoever controls `id` controls the query. Fixes #1.\n\n<!-- devloop:review-summary -->\n\n/devloop stop',
        suggestion: "const rows = await query('select * from users where id = $1', [id])",
        votes: { said: 1, passes: 2 },
      },
      base,
    ],
    folded: [
      {
        ...base,
        id: 'bbbbbbbbbbbb',
        line: null,
        endLine: null,
        place: 'unplaced',
        severity: 'medium',
        category: 'tests',
        title: 'No test covers an empty cart',
        body: '',
        quote: 'total([])',
        confidence: 0.45,
      },
    ],
    suppressed: [
      { finding: { ...base, id: 'cccccccccccc', title: 'Name is vague', severity: 'low' }, reason: 'below-minimum', because: 'low is milder than medium' },
    ],
    fixed: [{ ...base, id: 'dddddddddddd', title: 'The file is never closed' }],
    stillOpen: [{ ...base, id: 'eeeeeeeeeeee', line: 3, title: 'The token is logged' }],
  },
  coverage: [
    { path: 'package-lock.json', hunk: '-1,4 +1,4', state: 'skipped', reason: 'lock-file' },
    { path: 'src/cart/total.ts', hunk: '-40,5 +40,8', state: 'reviewed' },
    { path: 'src/db.ts', hunk: '-1,9 +1,12', state: 'reviewed' },
    { path: 'src/huge.ts', hunk: '-0,0 +1,9000', state: 'partial', reason: 'budget' },
    { path: 'weird | name`s.ts', hunk: 'file', state: 'skipped', reason: 'binary' },
  ],
  checklist: [
    { topic: 'architecture', state: 'fine', text: 'no drift from docs/ARCHITECTURE.md seen in what was read' },
    { topic: 'tests-and-errors', state: 'attention', text: '3 source files change and no test does; 1 finding' },
    { topic: 'performance', state: 'fine', text: 'nothing slow or leaking seen in what was read' },
  ],
  requirements: [
    { id: 'R1', issue: '#12', text: 'An empty cart has the total 0', verdict: 'violated', evidence: { path: 'src/cart/total.ts', line: 41, quote: 'let sum' } },
    { id: 'R2', issue: '#12', text: 'Totals are cached', verdict: 'unknown', evidence: null },
  ],
  mustCheck: [
    { id: 'injection', question: 'Does any text from outside reach a query unbound?', verdict: 'problem', reason: 'id is concatenated' },
  ],
  usage: { calls: 9, promptTokens: 41_200, completionTokens: 2_310, modelMs: 31_000 },
  cost: { microUsd: microUsd(12_345), gpuMs: 64_000 },
  receipt: {
    model: 'qwen3-coder:30b',
    digest: 'sha256:06c1097efce0431c2045fe7b2e5108366e43bee1b4603a7aded8f21689e90bca',
    pod: 'devloop-abcdefgh-01jd0000000000000000000000-xabc',
    gpu: 'NVIDIA GeForce RTX 4090',
    seed: 7,
    passes: 2,
    promptVersions: { find: '1.0.0', doubt: '1.0.0' },
    promptHashes: ['aa', 'bb'],
    headSha: 'a'.repeat(40),
    baseSha: 'b'.repeat(40),
    inputHash: 'c'.repeat(64),
    startedAt: 0,
    endedAt: 125_000,
  },
  shortfall: null,
  notes: ['The head moved to `cccccccccc` while `aaaaaaaaaa` was read: what is said here is about the older commit.'],
}

const noRanking = { inline: [], folded: [], suppressed: [], fixed: [], stillOpen: [] }

export const clean: ReviewResult = {
  ...posted,
  outcome: 'clean',
  ranking: noRanking,
  coverage: posted.coverage.slice(0, 3),
  requirements: [],
  mustCheck: [],
  notes: [],
}

export const failed: ReviewResult = {
  ...clean,
  outcome: 'failed',
  coverage: [{ path: 'src/db.ts', hunk: '-1,9 +1,12', state: 'skipped', reason: 'no-model' }],
  checklist: clean.checklist.map((item) => ({ ...item, state: 'not-checked', text: 'no model read the change' })),
  shortfall: 'No model review: no RTX 4090 was to be had in 10 minutes. Try again later or allow another GPU in fleet.gpus.',
  receipt: { ...posted.receipt, model: null, digest: null, pod: null, gpu: null, passes: 0, promptHashes: [] },
  usage: { calls: 0, promptTokens: 0, completionTokens: 0, modelMs: 0 },
  cost: { microUsd: microUsd(0), gpuMs: 0 },
}
