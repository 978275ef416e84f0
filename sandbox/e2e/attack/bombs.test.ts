import { createHmac } from 'node:crypto'
import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readNdjson } from '../../../adapters/ollama/ndjson.ts'
import { createControllerBench, enginesAt } from '../../../app/controller/__support__/controller-bench.ts'
import { webhookRequest } from '../../../app/webhooks/fakes/webhook-request.ts'
import { createWebhookRoute } from '../../../app/webhooks/route.ts'
import { parsePolicyFile } from '../../../config/parse-policy-file.ts'
import { parsePlan } from '../../../governance/plan/parse.ts'
import { systemClock } from '../../../adapters/system/system-clock.ts'
import { isCodedError } from '../../../ports/errors.ts'
import { parseDiff } from '../../../review/diff/parse.ts'

const LIMIT_MS = 4_000

/** Processor time, which a busy machine does not change; the answer when it came in time. */
async function inTime<T>(work: () => T | Promise<T>): Promise<T> {
  const before = process.cpuUsage()
  const answer = await work()
  expect(process.cpuUsage(before).user / 1_000).toBeLessThan(LIMIT_MS)
  return answer
}

const laughs = Array.from(
  { length: 12 },
  (_, at) =>
    `a${at}: &a${at} [${Array(10)
      .fill(at === 0 ? 'lol' : `*a${at - 1}`)
      .join(', ')}]`,
)

/** A few bytes of YAML that unfold to more. */
const YAML_BOMBS: readonly (readonly [what: string, text: string])[] = [
  ['aliases of aliases', laughs.join('\n')],
  ['an alias of itself', 'a: &a [*a]'],
  ['merge keys', `base: &b {x: 1}\n${'c: {<<: *b}\n'.repeat(100)}`],
  ['a tag that runs code', 'a: !!js/function "function(){process.exit(1)}"'],
  ['a tag of its own', 'version: !<tag:evil> 1'],
  ['flow nesting', `a: ${'['.repeat(20_000)}`],
  ['block nesting', Array.from({ length: 900 }, (_, at) => `${' '.repeat(at)}a:`).join('\n')],
  ['a key of a megabyte', `${'k'.repeat(1_000_000)}: 1`],
  ['a key that is a map', '? {a: {b: c}}\n: 1'],
  ['a hundred thousand keys', Array.from({ length: 100_000 }, (_, at) => `k${at}: 1`).join('\n')],
  ['a scalar of ten megabytes', `version: "${'x'.repeat(10_000_000)}"`],
  ['polluting keys', '__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\nversion: 1'],
  ['polluting keys below', 'governance:\n  __proto__: {polluted: true}\n  rules: {__proto__: {polluted: true}}'],
  ['a number of a million digits', `version: ${'9'.repeat(1_000_000)}`],
  ['documents without end', '---\nversion: 1\n'.repeat(50_000)],
]

describe('devloop.yml and the head of a plan', () => {
  it.each(YAML_BOMBS)(
    '%s: is refused or read in time, and pollutes nothing',
    async (_, text) => {
      const read = await inTime(() => parsePolicyFile(text))
      expect(JSON.stringify(read).length).toBeLessThan(200_000)
      await inTime(() => planOf(`---\n${text}\n---\n# Plan v0.1\n`))
      expect(Reflect.has({}, 'polluted')).toBe(false)
    },
    60_000,
  )

  it('aliases of aliases would fill the memory of a careless reader', () => {
    // Twelve times tenfold; the text itself has not a thousand characters.
    expect(laughs.join('\n').length).toBeLessThan(1_000)
    expect(10 ** laughs.length).toBeGreaterThan(1e11)
  })
})

function planOf(text: string): unknown {
  try {
    return parsePlan(text, 'DEV_MAN/active/plan_v0.1.md')
  } catch (error) {
    if (!isCodedError(error)) throw error
    return error.code
  }
}

describe('plans and diffs without end', () => {
  it.each<[what: string, text: string]>([
    ['a million tasks', `# Plan v0.1\n\n## Phase 1\n\n${'- [ ] T-1 x\n'.repeat(1_000_000)}`],
    ['ten thousand phases', `# Plan v0.1\n\n${'## Phase 1\n'.repeat(10_000)}`],
    ['fifty thousand underlined headings', `# Plan v0.1\n\n${'a\n===\n'.repeat(50_000)}`],
    [
      'a task that depends on a hundred thousand',
      `# Plan v0.1\n\n## Phase 1\n\n- [ ] T-1 x {depends: ${'T-2, '.repeat(100_000)}}`,
    ],
    ['a task of a megabyte', `# Plan v0.1\n\n## Phase 1\n\n- [ ] T-1 ${'x'.repeat(1_000_000)}`],
  ])(
    '%s: is refused or read in time',
    async (_, text) => {
      await inTime(() => planOf(text))
    },
    60_000,
  )

  it.each<[what: string, text: string]>([
    [
      'a hunk that promises more lines than there are numbers',
      'diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,999999999999 +1,999999999999 @@\n+x\n',
    ],
    ['a hundred thousand empty files', 'diff --git a/a b/a\nnew file mode 100644\n'.repeat(100_000)],
    [
      'one line of twenty megabytes',
      `diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -0,0 +1 @@\n+${'x'.repeat(20_000_000)}\n`,
    ],
  ])(
    '%s: is read in time',
    async (_, text) => {
      await inTime(() => parseDiff(text))
    },
    60_000,
  )
})

describe('bodies that unpack to more', () => {
  const flood = Buffer.alloc(30 * 1024 * 1024, '[')
  const packed = {
    gzip: gzipSync(flood, { level: 1 }),
    br: brotliCompressSync(flood, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } }),
  }
  let bench: ReturnType<typeof createControllerBench>
  let key: string
  beforeAll(async () => {
    bench = createControllerBench({ engines: enginesAt('http://engine.test') })
    key = (await bench.key(['infer'])).key
  })
  afterAll(() => bench.close())

  it.each(['gzip', 'br'] as const)('%s: is not unpacked at the controller or the gateway', async (encoding) => {
    for (const path of ['/infer', '/api/chat', '/v1/chat/completions']) {
      const headers = {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        'content-encoding': encoding,
      }
      const answer = await inTime(() => bench.app.request(path, { method: 'POST', headers, body: packed[encoding] }))
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.status).toBeLessThan(500)
    }
  })

  it.each(['gzip', 'br'] as const)('%s: is not unpacked at the webhook, signed or not', async (encoding) => {
    const stored: unknown[] = []
    const route = createWebhookRoute({
      secret: 'a-webhook-secret',
      clock: systemClock,
      inbox: {
        accept: async (delivery) => {
          stored.push(delivery)
          return 'stored'
        },
      },
    })
    const body = packed[encoding]
    const signature = createHmac('sha256', 'a-webhook-secret').update(body).digest('hex')
    for (const signed of [signature, '0'.repeat(64)]) {
      const headers = {
        'content-type': 'application/json',
        'content-encoding': encoding,
        'x-github-event': 'push',
        'x-github-delivery': 'd-1',
        'x-hub-signature-256': `sha256=${signed}`,
      }
      const answer = await route(webhookRequest('POST', headers, body))
      expect(answer.status).toBeGreaterThanOrEqual(400)
    }
    expect(stored).toEqual([])
  })

  it('a stream of one line without end is given up', async () => {
    async function* endless() {
      for (;;) yield Buffer.alloc(1024 * 1024, 'x')
    }
    const read = async () => {
      for await (const _ of readNdjson(endless()));
    }
    await expect(read()).rejects.toMatchObject({ code: 'reply-too-large' })
  })

  it('JSON of thirty million brackets is refused', async () => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await inTime(() =>
      bench.app.request('/api/chat', { method: 'POST', headers, body: flood.toString() }),
    )
    expect(answer.status).toBe(413)
  })
})
