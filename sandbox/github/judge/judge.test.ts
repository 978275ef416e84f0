import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'
import { emit } from '../webhooks/emit.ts'
import { World } from '../world.ts'
import { createJudge } from './judge.ts'
import { routes } from '../rest/routes.ts'
import { operationNames } from '../contracts/operation-names.ts'

const annotation = { path: 'src/a.ts', start_line: 1, end_line: 1, annotation_level: 'notice', message: 'm' }

describe('requests are judged by GitHub’s document', () => {
  let shop: Shop
  let headSha: string
  beforeAll(async () => {
    shop = await startShop()
    headSha = (await openTopic(shop)).headSha
  })
  afterAll(() => shop.stop())

  const run = () => ({ name: 'check', head_sha: headSha, status: 'completed', conclusion: 'success' })
  const output = (annotations: unknown[]) => ({ title: 't', summary: 's', annotations })
  test.each([
    [
      'a misspelt property',
      '/repos/acme/shop/check-runs',
      () => ({ ...run(), conclusoin: 'success' }),
      /conclusoin is unknown/,
    ],
    [
      'a misspelt nested property',
      '/repos/acme/shop/check-runs',
      () => ({ ...run(), output: { ...output([]), sumary: 's' } }),
      /output\/sumary is unknown/,
    ],
    ['a value outside the enum', '/repos/acme/shop/check-runs', () => ({ ...run(), conclusion: 'great' }), /body/],
    [
      '51 annotations',
      '/repos/acme/shop/check-runs',
      () => ({ ...run(), output: output(Array(51).fill(annotation)) }),
      /50/,
    ],
    ['a number for a text', '/repos/acme/shop/issues/1/comments', () => ({ body: 7 }), /body\/body must be string/],
    ['a missing property', '/repos/acme/shop/pulls/1/comments', () => ({ body: 'x', path: 'src/a.ts' }), /commit_id/],
    ['a misspelt query', '/repos/acme/shop/check-runs?perpage=1', run, /query perpage is unknown/],
  ])('refuses %s and remembers it', async (_, path, body, message) => {
    const before = shop.github.violations.length
    const reply = await shop.asApp('POST', path, body())
    expect(reply.status).toBe(500)
    expect(reply.json.message).toMatch(message)
    expect(shop.github.violations).toHaveLength(before + 1)
    expect(() => shop.github.assertClean()).toThrow(/violated/)
  })

  test('remembers a call to an operation nobody emulates', async () => {
    const before = shop.github.violations.length
    expect((await shop.asApp('GET', '/repos/acme/shop/stargazers')).status).toBe(404)
    expect(shop.github.violations[before]?.message).toMatch(/no such operation/)
  })

  test('lets through what the document allows', async () => {
    const before = shop.github.violations.length
    const reply = await shop.asApp('POST', '/repos/acme/shop/check-runs', {
      ...run(),
      output: output(Array(50).fill(annotation)),
    })
    expect(reply.status).toBe(201)
    expect(shop.github.violations).toHaveLength(before)
  })
})

describe('replies and webhooks are judged too', () => {
  const world = () => new World({ dataDir: '/nonexistent', nowMs: () => 0, random: () => 0 })
  const match = { route: routeOf('GET /repos/{owner}/{repo}/issues/comments/{comment_id}'), params: {} }
  const request = {
    method: 'GET',
    url: new URL('http://h/repos/o/r/issues/comments/1'),
    headers: new Headers(),
    body: '',
  }

  test.each([
    ['a reply that lacks a property', { status: 200, body: { id: 1 } }, /must have required property/],
    ['a status the document does not know', { status: 204 }, /status 204 is not in the document/],
  ])('refuses %s', (_, reply, message) => {
    const state = world()
    const judge = createJudge(state, { strict: true })
    expect(() => judge.response(match, request, reply)).toThrow(message)
    expect(state.violations).toMatchObject([{ direction: 'response', subject: 'GET /repos/o/r/issues/comments/1' }])
  })

  test('only records when it is not strict', () => {
    const state = world()
    createJudge(state, { strict: false }).response(match, request, { status: 200, body: {} })
    expect(state.violations).toHaveLength(1)
  })

  test.each([
    ['issue-comment-created', { action: 'created' }, /must have required property/],
    ['issue-comment-invented', {}, /no such webhook/],
  ])('records a wrong webhook %s', (name, payload, message) => {
    const state = world()
    createJudge(state, { strict: true }).webhook(name, payload)
    expect(state.violations[0]?.message).toMatch(message)
  })

  test('sees every webhook that is sent', async () => {
    const shop = await startShop()
    try {
      shop.github.assertClean()
      const state = world()
      state.judgeWebhook = createJudge(state, { strict: true }).webhook
      state.accounts.set('acme', shop.github.createUser('carol'))
      emit(state, {
        name: 'issues',
        action: 'opened',
        actor: { account: state.account('acme') },
        installation: shop.installation,
        payload: {},
      })
      expect(state.violations).toEqual([])
      state.registrations.set(shop.registration.id, shop.registration)
      emit(state, {
        name: 'issues',
        action: 'opened',
        actor: { account: state.account('acme') },
        installation: shop.installation,
        payload: {},
      })
      expect(state.violations).toMatchObject([{ subject: 'issues-opened', direction: 'webhook' }])
    } finally {
      await shop.stop()
    }
  })

  test('every operation of the document has a route, and every route an operation', () => {
    expect(routes.map(({ name }) => name).sort()).toEqual([...operationNames].sort())
  })
})

function routeOf(name: string) {
  const route = routes.find((candidate) => candidate.name === name)
  if (route === undefined) throw new Error(`no route ${name}`)
  return route
}
