import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { BUGGY_LINES, openChange } from './__support__/open-change.ts'
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

describe('/devloop review', () => {
  it('posts one review at the right lines, one summary, both checks, and gives the pod back', async () => {
    const change = await openChange(product, 'acme/orders')
    const asked = change.ada.comment(change.number, '/devloop review')
    const job = await product.ended(change.name, change.number, 'review')
    await product.settled()

    expect(job.outcome).toBe('posted')
    const { reviews, inline, summaries, replies, reactionsTo } = said(change)
    expect(reviews).toMatchObject([{ commitId: change.headSha }])
    expect(inline.map(({ path, line, side }) => [path, line, side])).toEqual(
      BUGGY_LINES.map((line) => ['src/orders.ts', line, 'RIGHT']),
    )
    expect(replies).toEqual([])
    expect(summaries).toHaveLength(1)
    expect(reactionsTo('issueComment', asked.id)).toEqual(['rocket'])
    for (const name of ['devloop/governance', 'devloop/review']) {
      expect(checkOn(change.repository, change.headSha, name)).toMatchObject({ status: 'completed' })
    }
    const pods = product.runpod.pods()
    expect(pods).toMatchObject([{ status: 'TERMINATED' }])
    const cost = /\$0\.\d+/u.exec(summaries[0]?.body ?? '')?.[0]
    expect(cost, 'the summary says what it cost').toBeDefined()
    expect(job.costMicroUsd).toBeGreaterThan(0)
    const page = await (await fetch(`${product.github.webUrl}/${change.name}/pull/${change.number}`)).text()
    expect(page).toContain(cost)
  })

  it('is done once however often its webhook comes, and an edited comment changes nothing', async () => {
    const change = await openChange(product, 'acme/twice')
    const asked = change.bob.comment(change.number, '/devloop review')
    await product.github.webhooksSettled()
    const { guid } = product.github.deliveries.findLast(({ event }) => event === 'issue_comment') ?? {}
    product.github.duplicateDelivery(guid ?? '')
    await product.ended(change.name, change.number, 'review')
    product.github.duplicateDelivery(guid ?? '')
    change.bob.editComment(asked.id, '/devloop review --full please')
    await product.settled()

    const jobs = await product.server.parts.store.jobs.list({ repository: change.name }, 10)
    expect(jobs.map(({ kind }) => kind)).toEqual(['review'])
    expect(said(change).reviews).toHaveLength(1)
    expect(said(change).inline).toHaveLength(BUGGY_LINES.length)
  })

  it('names the nearest command to an unknown one, and refuses who may only read', async () => {
    const change = await openChange(product, 'acme/refused')
    const misspelt = change.bob.comment(change.number, '/devloop reviw')
    await until('an answer', () => said(change).replies.length === 1)
    const eve = product.github.as('eve', change.name)
    const refused = eve.comment(change.number, '/devloop review')
    await until('a refusal', () => said(change).replies.length === 2)
    await product.settled()

    const { replies, reactionsTo } = said(change)
    expect(replies[0]?.body).toContain('did you mean `/devloop review`?')
    expect(replies[1]?.body).toContain('write')
    expect(reactionsTo('issueComment', misspelt.id)).toEqual(['confused'])
    expect(reactionsTo('issueComment', refused.id)).toContain('confused')
    expect(await product.server.parts.store.jobs.list({ repository: change.name }, 10)).toEqual([])
  })
})

describe('when GitHub fails', () => {
  it('finds a review and comments again whose replies were lost', async () => {
    const change = await openChange(product, 'acme/lost')
    await product.settled()
    const path = `/repos/${change.name}`
    product.github.addFault({ on: `POST ${path}/pulls/*/reviews`, fault: 'lost-reply', nth: 1 })
    product.github.addFault({ on: `POST ${path}/issues/*/comments`, fault: 'lost-reply', nth: 1 })
    product.github.addFault({ on: `POST ${path}/check-runs`, fault: 'lost-reply', nth: 1 })
    change.bob.comment(change.number, '/devloop review')
    const job = await product.ended(change.name, change.number, 'review')
    await product.settled()

    expect(job.outcome).toBe('posted')
    const { reviews, inline, comments } = said(change)
    expect([reviews.length, inline.length, comments.length]).toEqual([1, BUGGY_LINES.length, 1])
    const checks = [...change.repository.runs.values()].filter(({ name }) => name === 'devloop/review')
    expect(checks).toMatchObject([{ status: 'completed' }])
  })

  it('waits out bad gateways and its secondary limit', async () => {
    const change = await openChange(product, 'acme/limits')
    await product.settled()
    const path = `/repos/${change.name}`
    product.github.addFault({ on: `GET ${path}/pulls/*/files`, fault: '502', nth: 1 })
    product.github.addFault({ on: `POST ${path}/pulls/*/reviews`, fault: '403-secondary', nth: 1, ms: 1_000 })
    product.github.addFault({ on: `PATCH ${path}/check-runs/*`, fault: '429', nth: 1, ms: 1_000 })
    change.cleo.comment(change.number, '/devloop review')
    const job = await product.ended(change.name, change.number, 'review')
    await product.settled()

    expect(job.outcome).toBe('posted')
    expect(said(change)).toMatchObject({ reviews: { length: 1 }, comments: { length: 1 } })
  })
})

describe('/infer', () => {
  it('answers in the conversation what a person asked, and says what it cost', async () => {
    const change = await openChange(product, 'acme/infer')
    const asked = change.ada.comment(change.number, '/infer Say in one sentence what a GPU is.')
    const job = await product.ended(change.name, change.number, 'infer')
    await product.settled()

    expect(job.outcome).toBe('answered')
    const [answer, ...others] = said(change).comments
    expect(others).toEqual([])
    expect(answer?.body).toContain('what a GPU is')
    expect(answer?.body).toMatch(/\$0\.\d+/u)
    expect(said(change).reactionsTo('issueComment', asked.id)).toEqual(['rocket'])
  })
})
