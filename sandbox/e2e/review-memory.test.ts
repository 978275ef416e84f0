import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { readFindingMarker } from '../../review/render/markers.ts'
import { BUGGY_LINES, HALF_MENDED, openChange } from './__support__/open-change.ts'
import { said } from './__support__/said.ts'
import { checkOn, type Product, startProduct } from './__support__/start-product.ts'
import { until } from './__support__/until.ts'

let product: Product
beforeAll(async () => {
  product = await startProduct()
})
afterAll(() => product.stop())
afterEach(async () => {
  product.github.clearFaults()
  await product.expectProper()
})

const EVAL = 'export function run(text: string) {\n  return eval(text)\n}\n'

describe('reviews of one pull request', () => {
  it('never repeat themselves: pushed, mended, dismissed, asked again', async () => {
    const change = await openChange(product, 'acme/rounds')
    const { name, number, ada, bob, cleo } = change
    const placesOf = () => said(change).inline.map(({ path, originalLine }) => `${path}:${originalLine}`)
    ada.comment(number, '/devloop review')
    await product.ended(name, number, 'review', 1)
    const [summary] = said(change).summaries
    expect(placesOf()).toEqual(BUGGY_LINES.map((line) => `src/orders.ts:${line}`))

    await bob.push(change.branch, { 'src/orders.ts': HALF_MENDED, 'src/run.ts': EVAL }, 'Bind the customer')
    bob.comment(number, '/devloop review')
    await product.ended(name, number, 'review', 2)
    const sql = said(change).inline.find(({ body }) => body.includes('SQL'))
    const loop = said(change).inline.find(({ body }) => body.includes('runs one past'))
    const evaluated = said(change).inline.find(({ path }) => path === 'src/run.ts')
    expect(placesOf()).toEqual([...BUGGY_LINES.map((line) => `src/orders.ts:${line}`), 'src/run.ts:2'])
    expect(change.repository.threads.get(sql?.threadId ?? 0)?.resolvedBy).toBe('devloop[bot]')
    expect(change.repository.threads.get(loop?.threadId ?? 0)?.resolvedBy).toBeNull()

    ada.react('reviewComment', loop?.id ?? 0, '-1')
    await bob.replyOnLine(
      number,
      evaluated?.id ?? 0,
      `/devloop dismiss ${readFindingMarker(evaluated?.body ?? '')} trusted`,
    )
    await product.settled()
    const head = await bob.push(change.branch, { 'README.md': '# Orders of customers\n' }, 'Say more')
    cleo.comment(number, '/devloop review --full')
    await product.ended(name, number, 'review', 3)
    await product.settled()
    expect(placesOf()).toHaveLength(3)
    expect(said(change).summaries.map(({ id }) => id)).toEqual([summary?.id])
    expect(said(change).summaries[0]?.body).toContain('dismissed')
    // Anybody can give a thumb down: a severe finding is not said again, and stays open.
    expect(said(change).summaries[0]?.body).toContain(
      '(👎 from ada: not said again, but it counts until it is fixed or dismissed)',
    )
    expect(checkOn(change.repository, head, 'devloop/review')?.conclusion).toBe('neutral')

    const rented = product.runpod.pods().length
    cleo.comment(number, '/devloop review')
    const again = await product.ended(name, number, 'review', 4)
    expect(again.result).toMatchObject({ nothingNew: true })
    expect(again.costMicroUsd).toBe(0)
    expect(product.runpod.pods()).toHaveLength(rented)
    expect(said(change).summaries.map(({ body }) => body.includes('Nothing new'))).toEqual([true])
  })

  it('is bound to the commit it read when the branch is forced elsewhere meanwhile, and says so', async () => {
    const change = await openChange(product, 'acme/forced')
    const other = await change.bob.push('other', { 'src/orders.ts': HALF_MENDED }, 'Another way', { from: 'main' })
    product.github.addFault({ on: `POST /repos/${change.name}/check-runs`, fault: 'latency', ms: 700 })
    change.ada.comment(change.number, '/devloop review')
    await until('the review to begin', () => said(change).summaries.length === 1)
    await change.bob.forcePush(change.branch, other)
    await product.ended(change.name, change.number, 'review')
    await product.settled()

    const { summaries, reviews } = said(change)
    expect(summaries[0]?.body).toContain(`The head moved to \`${other.slice(0, 10)}\``)
    expect(summaries[0]?.body).toContain(change.headSha.slice(0, 10))
    for (const review of reviews) expect(review.commitId).toBe(change.headSha)
    expect(checkOn(change.repository, change.headSha, 'devloop/review')).toMatchObject({ status: 'completed' })
    expect(checkOn(change.repository, other, 'devloop/review')).toBeUndefined()
  })

  it('posts nothing at lines when the pull request is closed meanwhile, and says so', async () => {
    const change = await openChange(product, 'acme/closed')
    await product.settled()
    product.github.addFault({ on: `POST /repos/${change.name}/check-runs`, fault: 'latency', ms: 700 })
    change.ada.comment(change.number, '/devloop review')
    await until('the review to begin', () => said(change).summaries.length === 1)
    await change.bob.close(change.number)
    await product.ended(change.name, change.number, 'review')
    await product.settled()

    expect(said(change).inline).toEqual([])
    expect(said(change).summaries[0]?.body).toContain('was closed while it was read')
  })

  it('answer an estimate without renting', async () => {
    const change = await openChange(product, 'acme/estimate')
    const rented = product.runpod.pods().length
    change.cleo.comment(change.number, '/devloop review --estimate')
    const job = await product.ended(change.name, change.number, 'review')
    await product.settled()
    expect(job.outcome).toBe('answered')
    expect(product.runpod.pods()).toHaveLength(rented)
    expect(said(change).comments.map(({ body }) => /\$0\.\d+/u.test(body))).toEqual([true])
  })
})
