import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

describe('an App token', () => {
  let shop: Shop
  const nowSeconds = () => Math.floor(Date.now() / 1000)
  beforeAll(async () => {
    shop = await startShop()
  })
  afterAll(() => shop.stop())

  test('signed with the App’s key is taken, by id or by client id', async () => {
    for (const claims of [{}, { iss: String(shop.registration.id) }, { iss: shop.registration.clientId }]) {
      expect((await shop.as(`Bearer ${shop.jwt(claims)}`)('GET', '/app')).json).toMatchObject({ slug: 'devloop' })
    }
  })

  test.each([
    ['expired', () => ({ exp: nowSeconds() - 1 }), /'exp'/],
    ['valid too long', () => ({ exp: nowSeconds() + 3600 }), /too far in the future/],
    ['issued in the future', () => ({ iat: nowSeconds() + 300 }), /'iat'/],
    ['of an unknown App', () => ({ iss: 1 }), /Integration not found/],
  ])('%s is refused', async (_, claims, message) => {
    const reply = await shop.as(`Bearer ${shop.jwt(claims())}`)('GET', '/app')
    expect(reply.status).toBe(401)
    expect(reply.json.message).toMatch(message)
  })

  test('with a changed claim is refused', async () => {
    const [header, , signature] = shop.jwt().split('.')
    const [, claims] = shop.jwt({ iat: nowSeconds() - 30 }).split('.')
    const reply = await shop.as(`Bearer ${header}.${claims}.${signature}`)('GET', '/app')
    expect(reply).toMatchObject({ status: 401, json: { message: 'A JSON web token could not be decoded' } })
  })
})

describe('an installation token', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop({ isPrivate: true })
    await shop.github.createRepository('acme/other', { private: true })
    await openTopic(shop)
  })
  afterAll(() => shop.stop())

  const createToken = async (body: object) => {
    const reply = await shop.as(`Bearer ${shop.jwt()}`)(
      'POST',
      `/app/installations/${shop.installation.id}/access_tokens`,
      body,
    )
    return { reply, call: shop.as(`token ${reply.json.token}`) }
  }

  test('lasts an hour by the sandbox’s clock', async () => {
    const { reply, call } = await createToken({})
    expect(Date.parse(String(reply.json.expires_at)) - Date.now()).toBeGreaterThan(3_590_000)
    expect((await call('GET', '/installation/repositories')).json).toMatchObject({ total_count: 2 })
  })

  test('reaches only the repositories it was made for', async () => {
    const { reply, call } = await createToken({ repositories: ['other'] })
    expect(reply.json.repository_selection).toBe('selected')
    expect((await call('GET', '/repos/acme/other')).status).toBe(200)
    expect((await call('GET', '/repos/acme/shop')).status).toBe(404)
    expect((await createToken({ repositories: ['none'] })).reply.status).toBe(422)
  })

  test('may do only what it was made for', async () => {
    const { call } = await createToken({ permissions: { pull_requests: 'read' } })
    expect((await call('GET', '/repos/acme/shop/pulls/1')).status).toBe(200)
    for (const [method, path, body] of [
      ['POST', '/repos/acme/shop/issues/1/comments', { body: 'x' }],
      ['GET', '/repos/acme/shop/contents/README.md', undefined],
      ['POST', '/repos/acme/shop/check-runs', { name: 'x', head_sha: 'x' }],
    ] as const) {
      expect(await call(method, path, body)).toMatchObject({
        status: 403,
        json: { message: 'Resource not accessible by integration' },
      })
    }
    expect((await createToken({ permissions: { workflows: 'write' } })).reply.status).toBe(422)
  })

  test('ends with the installation, and rests with a suspended one', async () => {
    const { call } = await createToken({})
    shop.github.suspend(shop.installation)
    expect((await call('GET', '/repos/acme/shop')).status).toBe(403)
    shop.github.suspend(shop.installation, false)
    expect((await call('GET', '/repos/acme/shop')).status).toBe(200)
    shop.github.assertClean()
  })
})

describe('people', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop({ isPrivate: true })
    shop.github.createUser('mallory')
    shop.github.createUser('rita')
    shop.github.setCollaborator('acme/shop', 'rita', 'read')
    shop.github.addBranchRule('acme/shop', { pattern: 'main', requiredApprovals: 1, source: 'classic' })
    await openTopic(shop)
  })
  afterAll(() => shop.stop())
  const as = (login: string) => shop.as(`token ${shop.github.createPersonalToken(login)}`)

  test('see only what they may', async () => {
    expect((await as('mallory')('GET', '/repos/acme/shop')).status).toBe(404)
    expect((await as('rita')('GET', '/repos/acme/shop')).json).toMatchObject({
      permissions: { pull: true, push: false },
    })
    expect((await shop.as('token nonsense')('GET', '/user')).status).toBe(401)
    expect((await as('rita')('GET', '/user')).json).toMatchObject({ login: 'rita', type: 'User' })
  })

  test.each([
    ['alice', 'admin', 'admin'],
    ['bob', 'write', 'write'],
    ['rita', 'read', 'read'],
    ['mallory', 'none', 'none'],
  ])('%s has the permission %s', async (login, permission, roleName) => {
    const reply = await shop.asApp('GET', `/repos/acme/shop/collaborators/${login}/permission`)
    expect(reply.json).toMatchObject({ permission, role_name: roleName })
  })

  test('readers may talk, but neither merge nor edit what others wrote', async () => {
    const rita = as('rita')
    expect((await rita('POST', '/repos/acme/shop/issues/1/comments', { body: 'Nice' })).status).toBe(201)
    expect((await rita('PUT', '/repos/acme/shop/pulls/1/merge', {})).status).toBe(403)
    expect((await rita('PATCH', '/repos/acme/shop/pulls/1', { title: 'Mine' })).status).toBe(403)
    expect((await as('bob')('POST', '/repos/acme/shop/check-runs', { name: 'x', head_sha: 'x' })).status).toBe(403)
  })

  test('classic protection is hidden from all but admins', async () => {
    expect((await as('bob')('GET', '/repos/acme/shop/branches/main/protection')).status).toBe(404)
    expect((await as('alice')('GET', '/repos/acme/shop/branches/main/protection')).json).toMatchObject({
      required_pull_request_reviews: { required_approving_review_count: 1 },
    })
    expect((await as('bob')('GET', '/repos/acme/shop/rules/branches/main')).list).toEqual([])
    shop.github.assertClean()
  })
})
