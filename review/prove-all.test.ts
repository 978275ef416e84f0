import { describe, expect, test } from 'vitest'
import { GithubError } from '../ports/errors.ts'
import { parseDiff } from './diff/parse.ts'
import type { Proposal } from './finding.ts'
import { proveAll } from './prove-all.ts'

const { files } = parseDiff(`diff --git a/src/pay.ts b/src/pay.ts
--- a/src/pay.ts
+++ b/src/pay.ts
@@ -1,2 +1,3 @@
 import { settle } from './order-total.ts'
+export const pay = (order) => settle(order, 2)
 // end
`)
const HEAD: Readonly<Record<string, string>> = {
  'src/pay.ts': "import { settle } from './order-total.ts'\nexport const pay = (order) => settle(order, 2)\n// end\n",
  'src/order-total.ts': 'export function settle(order, times) { return roundUp(order.total * times) }\n',
  'lib/compute_tax.py': 'def compute_tax(order):\n    return vat_of(order)\n',
  'src/unrelated.ts': 'export const hiddenAway = 1\n',
}
const base: Proposal = {
  path: 'src/pay.ts',
  line: 2,
  endLine: 2,
  severity: 'high',
  category: 'correctness',
  title: 'The order is settled twice',
  body: '',
  quote: 'settle(order, 2)',
  confidence: 0.9,
}
const world = {
  readHead: async (path: string) => HEAD[path] ?? null,
  listHeadPaths: async (): Promise<ReadonlySet<string> | null> => new Set(Object.keys(HEAD)),
}
async function confidenceOf(body: string, over: Partial<typeof world> & { quote?: string } = {}) {
  const { quote = base.quote, ...rest } = over
  const proposals = [{ proposal: { ...base, body, quote }, pass: 1 }]
  const { proved } = await proveAll(proposals, files, { ...world, ...rest }, 'Guidelines: call `auditTrail()`.')
  return proved[0]?.finding.confidence
}

describe('a symbol that a finding speaks of', () => {
  test.each([
    ['stands in the diff', '`settle()` is called twice.'],
    ['stands in a file that the change imports', '`settle()` hands it to `roundUp()`, which rounds twice.'],
    ['stands in a file that is named after another', '`compute_tax()` reads `vat_of()`.'],
    ['stands in what the prompt told', '`auditTrail()` is left out.'],
    ['comes with the language', '`JSON.parse()` throws a `SyntaxError`, and `Object.hasOwn()` would tell.'],
    ['is proposed', 'Use `settleOnce()`, or introduce a `settleAll()`.'],
    ['is a plain word', 'The value of `limit` is `admin`.'],
  ])('is no reason for doubt when it %s', async (_, body) => {
    expect(await confidenceOf(body)).toBe(0.9)
  })

  test.each([
    ['a function', '`settle()` calls `chargeTwice()` a second time.'],
    ['a method', '`order.refundedTwice` is read.'],
    ['a constant', '`MAX_TIMES` is ignored.'],
  ])('costs confidence when %s is invented', async (_, body) => {
    expect(await confidenceOf(body)).toBeCloseTo(0.63)
  })

  test('ends a finding whose quote stands nowhere either', async () => {
    expect(await confidenceOf('`chargeTwice()` is wrong.', { quote: 'chargeTwice(order)' })).toBeUndefined()
    expect(await confidenceOf('`settle()` is wrong.', { quote: 'settle(order, 3)' })).toBe(0.45)
  })

  test.each<[string, Partial<typeof world>]>([
    ['the tree cannot be listed', { listHeadPaths: async () => null }],
    [
      'too many files are in question',
      { listHeadPaths: async () => new Set(Array.from({ length: 30 }, (_, index) => `src/${index}/order-total.ts`)) },
    ],
    [
      'a file cannot be read',
      {
        async readHead(path) {
          if (path === 'src/pay.ts') return HEAD[path] ?? null
          throw new GithubError({ code: 'unavailable', message: 'GitHub is away.', remedy: 'Wait.', owner: 'retry' })
        },
      },
    ],
  ])('is not known, and no reason for doubt, when %s', async (_, over) => {
    expect(await confidenceOf('`settle()` calls `chargeTwice()`.', over)).toBe(0.9)
  })

  test('is looked for in few files, and in none when all names are known', async () => {
    const read: string[] = []
    const readHead = async (path: string) => {
      read.push(path)
      return HEAD[path] ?? null
    }
    await confidenceOf('`settle()` is called twice.', { readHead })
    expect(read).toEqual(['src/pay.ts'])
    await confidenceOf('`chargeTwice()` is called.', { readHead })
    expect(read).not.toContain('src/unrelated.ts')
  })
})
