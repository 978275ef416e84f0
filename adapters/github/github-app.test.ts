import { generateKeyPairSync, verify } from 'node:crypto'
import nock from 'nock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import type { CheckRunWish } from '../../ports/github.ts'
import { commitSha, installationId, repositoryName } from '../../ports/ids.ts'
import type { GithubCall } from './client.ts'
import { createGithubApp } from './github-app.ts'
import { createThrottle } from './throttle.ts'

const { privateKey, publicKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' },
})
const host = 'https://api.github.test'
const ref = { installationId: installationId.parse(7), name: repositoryName.parse('acme/shop') }
const headSha = commitSha.parse('a'.repeat(40))

let clock: ReturnType<typeof createFakeClock>
let calls: GithubCall[]
function start() {
  return createGithubApp({ fetch, baseUrl: host, clock, appId: 12, privateKey, onCall: (call) => calls.push(call) })
}
function token(times = 1) {
  nock(host)
    .post('/app/installations/7/access_tokens')
    .times(times)
    .reply(201, () => ({ token: 'ghs_secret', expires_at: new Date(clock.now() + 3_600_000).toISOString() }))
}
/** Answers while the fake clock moves past every wait. */
async function passTime<T>(promise: Promise<T>): Promise<T> {
  let over = false
  const watched = promise.finally(() => {
    over = true
  })
  watched.catch(() => {})
  for (let turn = 0; turn < 2000 && !over; turn++) {
    if (clock.sleeping > 0) await clock.advance(60_000)
    await new Promise((resolve) => setTimeout(resolve, 1))
  }
  return watched
}
const comment = { id: 1, user: null, body: 'b', created_at: 't', updated_at: 't', html_url: 'u' }
const wish: CheckRunWish = {
  name: 'devloop/review',
  headSha,
  status: 'completed',
  conclusion: 'neutral',
  title: 'T',
  summary: 'S',
  annotations: [],
  actions: [],
}
/** The claims of a bearer token, unverified. */
function claimsOf(authorization: string): { iat: number; exp: number } {
  return JSON.parse(Buffer.from(authorization.split('.')[1] ?? '', 'base64url').toString('utf8'))
}
const run = { id: 9, name: wish.name, status: 'completed', conclusion: 'neutral', app: { slug: 'devloop' } }

describe('the GitHub adapter', () => {
  beforeEach(() => {
    nock.disableNetConnect()
    clock = createFakeClock()
    calls = []
  })
  afterEach(() => {
    const unused = nock.pendingMocks()
    nock.abortPendingRequests()
    nock.cleanAll()
    nock.enableNetConnect()
    expect(unused).toEqual([])
  })

  it("goes by GitHub's clock when its own is ten minutes ahead", async () => {
    const githubNow = clock.now() - 600_000
    const sent: boolean[] = []
    const answer = async (_url: unknown, init?: RequestInit) => {
      const { iat } = claimsOf(String(new Headers(init?.headers).get('authorization')))
      const isFuture = iat * 1000 > githubNow
      sent.push(isFuture)
      const body = isFuture ? { message: "'Issued at' claim ('iat')" } : { slug: 'devloop', permissions: {} }
      const headers = { date: new Date(githubNow).toUTCString() }
      return Response.json(body, { status: isFuture ? 401 : 200, headers })
    }
    const app = createGithubApp({ fetch: answer, baseUrl: host, clock, appId: 12, privateKey })
    expect((await passTime(app.identity())).slug).toBe('devloop')
    expect(sent).toEqual([true, false])
  })

  it('signs its own token so that GitHub can verify it', async () => {
    let authorization = ''
    nock(host)
      .get('/app')
      .matchHeader('authorization', (value) => {
        authorization = String(value)
        return true
      })
      .reply(200, { slug: 'devloop', permissions: { checks: 'write' } })
    expect(await start().identity()).toEqual({
      slug: 'devloop',
      login: 'devloop[bot]',
      permissions: { checks: 'write' },
    })
    const [head = '', claims = '', signature = ''] = authorization.replace('Bearer ', '').split('.')
    expect(verify('RSA-SHA256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))).toBe(
      true,
    )
    const { iat, exp, iss } = JSON.parse(Buffer.from(claims, 'base64url').toString())
    expect({ backdated: clock.now() / 1000 - iat, life: exp - iat, iss }).toEqual({
      backdated: 60,
      life: 540,
      iss: '12',
    })
  })

  it('asks for one installation token however many calls wait for it, and anew before it ends', async () => {
    token()
    nock(host).get('/repos/acme/shop').times(5).reply(200, { default_branch: 'main' })
    const app = start()
    await Promise.all(Array.from({ length: 5 }, () => app.repository(ref).access.defaultBranch()))
    clock.jump(56 * 60_000)
    token()
    nock(host).get('/repos/acme/shop').reply(200, { default_branch: 'main' })
    expect(await app.repository(ref).access.defaultBranch()).toBe('main')
  })

  it('takes another token when one is refused, once', async () => {
    token(2)
    nock(host).get('/repos/acme/shop').twice().reply(401, { message: 'Bad credentials' })
    await expect(start().repository(ref).access.defaultBranch()).rejects.toMatchObject({
      code: 'unauthorized',
      owner: 'operator',
    })
  })

  it('asks with the ETag, and takes 304 as the same answer', async () => {
    token()
    nock(host).get('/repos/acme/shop').reply(200, { default_branch: 'main' }, { etag: '"v1"' })
    nock(host).get('/repos/acme/shop').matchHeader('if-none-match', '"v1"').reply(304)
    const { access } = start().repository(ref)
    expect([await access.defaultBranch(), await access.defaultBranch()]).toEqual(['main', 'main'])
    expect(calls.map(({ status }) => status)).toEqual([201, 200, 304])
  })

  it.each([
    [3_000, true],
    [3_001, false],
  ])(
    'reads every page at the same time, in order, and says of %i files whether a limit cut them',
    async (all, complete) => {
      token()
      nock(host).get('/repos/acme/shop/pulls/1').reply(200, { changed_files: all })
      const page = (number: number, size: number) =>
        Array.from({ length: size }, (_, index) => ({
          filename: `f${(number - 1) * 100 + index}`,
          status: 'added',
          additions: 1,
          deletions: 0,
        }))
      const link = `<${host}/x?page=2>; rel="next", <${host}/x?page=30>; rel="last"`
      for (let number = 1; number <= 30; number++)
        nock(host)
          .get('/repos/acme/shop/pulls/1/files')
          .query({ per_page: 100, page: number })
          .reply(200, page(number, 100), number === 1 ? { link } : {})
      const files = await start().repository(ref).pullRequests.listFiles(1)
      expect(files.complete).toBe(complete)
      expect(files.items.map(({ path }) => path)).toEqual(Array.from({ length: 3000 }, (_, index) => `f${index}`))
    },
  )

  it('is whole at 250 files', async () => {
    token()
    const page = (size: number) =>
      Array.from({ length: size }, () => ({ filename: 'f', status: 'added', additions: 1, deletions: 0 }))
    const link = `<${host}/x?page=2>; rel="next", <${host}/x?page=3>; rel="last"`
    for (const [number, size] of [
      [1, 100],
      [2, 100],
      [3, 50],
    ] as const)
      nock(host)
        .get('/repos/acme/shop/pulls/1/files')
        .query({ per_page: 100, page: number })
        .reply(200, page(size), number === 1 ? { link } : {})
    expect(await start().repository(ref).pullRequests.listFiles(1)).toMatchObject({
      complete: true,
      items: { length: 250 },
    })
  })

  it('tries a read again after a 502 and a lost connection', async () => {
    token()
    nock(host).get('/repos/acme/shop').reply(502, 'bad gateway')
    nock(host).get('/repos/acme/shop').replyWithError(new Error('socket hang up'))
    nock(host).get('/repos/acme/shop').reply(200, { default_branch: 'main' })
    expect(await passTime(start().repository(ref).access.defaultBranch())).toBe('main')
  })

  it.each([
    ['a 502', () => nock(host).post('/repos/acme/shop/issues/1/comments').reply(502)],
    [
      'a lost reply',
      () => nock(host).post('/repos/acme/shop/issues/1/comments').replyWithError(new Error('ECONNRESET')),
    ],
    ['an unreadable reply', () => nock(host).post('/repos/acme/shop/issues/1/comments').reply(201, '{"id":')],
  ])('does not send a comment again after %s: nobody knows whether it is there', async (_, prepare) => {
    token()
    prepare()
    await expect(passTime(start().repository(ref).comments.create(1, 'x'))).rejects.toMatchObject({
      code: 'unknown-outcome',
      owner: 'retry',
    })
  })

  it.each([
    ['Retry-After', { 'retry-after': '30' }, 30_000],
    [
      'the reset of the primary limit',
      { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Date.UTC(2026, 10, 21, 12, 0, 40) / 1000) },
      41_000,
    ],
    ['a minute without a header', {}, 60_000],
  ])('waits for %s and goes on', async (_, headers, waitMs) => {
    token()
    nock(host)
      .post('/repos/acme/shop/issues/1/comments')
      .reply(403, { message: 'You have exceeded a secondary rate limit' }, headers)
    nock(host).post('/repos/acme/shop/issues/1/comments').reply(201, comment)
    const { comments } = start().repository(ref)
    const created = comments.create(1, 'x')
    while (clock.sleeping === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    await clock.advance(waitMs - 1)
    expect(clock.sleeping).toBe(1)
    await clock.advance(1)
    expect((await created).id).toBe(1)
  })

  it('leaves a long wait to its caller, with the time', async () => {
    token()
    nock(host).get('/repos/acme/shop').reply(429, { message: 'slow down' }, { 'retry-after': '600' })
    await expect(start().repository(ref).access.defaultBranch()).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterMs: 600_000,
    })
  })

  it.each([
    [403, 'forbidden', 'operator'],
    [404, 'not-found', 'user'],
    [409, 'conflict', 'retry'],
    [422, 'invalid', 'user'],
  ])('translates %i to %s, without a token in the message', async (status, code, owner) => {
    token()
    nock(host)
      .post('/repos/acme/shop/issues/1/comments')
      .reply(status, { message: 'No.', errors: [{ field: 'body' }] })
    const error = await start()
      .repository(ref)
      .comments.create(1, 'x')
      .catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code, owner, facts: { status } })
    expect(JSON.stringify([error, (error as Error).message, String((error as Error).stack)])).not.toMatch(
      /ghs_secret|Bearer|BEGIN/,
    )
  })

  it('sends 120 annotations in three requests, and cuts a text that is too long', async () => {
    token()
    const sizes: number[] = []
    let length = 0
    const count = (body: { output: { annotations: unknown[]; text: string } }) => {
      sizes.push(body.output.annotations.length)
      length = body.output.text.length
      return true
    }
    nock(host).post('/repos/acme/shop/check-runs', count).reply(201, run)
    nock(host).patch('/repos/acme/shop/check-runs/9', count).twice().reply(200, run)
    const annotation = { path: 'a', startLine: 1, endLine: 1, level: 'notice', message: 'm' } as const
    const { checks } = start().repository(ref)
    const text = 'é'.repeat(70_000)
    expect(await checks.write({ ...wish, text, annotations: Array.from({ length: 120 }, () => annotation) })).toEqual({
      id: 9,
      written: true,
    })
    expect(sizes).toEqual([50, 50, 20])
    expect(length).toBeLessThanOrEqual(65_535)
  })

  it('writes no check run that says the same, updates one without annotations, and replaces one with', async () => {
    token()
    const shown = (annotations: number) => ({
      ...run,
      output: { title: 'T', summary: 'S\r\n', annotations_count: annotations },
    })
    const { checks } = start().repository(ref)
    for (const annotations of [0, 3]) {
      nock(host)
        .get(`/repos/acme/shop/commits/${headSha}/check-runs`)
        .query(true)
        .reply(200, { check_runs: [shown(annotations)] })
      const [known] = (await checks.list(headSha, 'check-runs')).items
      expect(await checks.write(wish, known)).toEqual({ id: 9, written: false })
      if (annotations === 0) nock(host).patch('/repos/acme/shop/check-runs/9').reply(200, run)
      else
        nock(host)
          .post('/repos/acme/shop/check-runs')
          .reply(201, { ...run, id: 10 })
      expect(await checks.write({ ...wish, title: 'Other' }, known)).toEqual({
        id: annotations === 0 ? 9 : 10,
        written: true,
      })
    }
  })

  it('reads files by text, and null for folders, links, submodules and paths that climb out', async () => {
    token()
    const file = (path: string) => nock(host).get(`/repos/acme/shop/contents/${path}`).query(true)
    file('a%20%23%C3%A9.md').reply(200, {
      type: 'file',
      sha: 's',
      size: 3,
      encoding: 'base64',
      content: Buffer.from('é\n').toString('base64'),
    })
    file('dir').reply(200, [{ name: 'x', type: 'file', sha: 's' }])
    file('link').reply(200, { type: 'symlink', sha: 's', target: 'a' })
    file('sub').reply(200, { type: 'submodule', sha: 's', size: 0 })
    file('gone').reply(404, { message: 'Not Found' })
    file('big').reply(200, { type: 'file', sha: 'b1', size: 2_000_000, encoding: 'none', content: '' })
    nock(host)
      .get('/repos/acme/shop/git/blobs/b1')
      .reply(200, { content: Buffer.from('big').toString('base64') })
    const { contents } = start().repository(ref)
    const texts = await Promise.all(
      ['a #é.md', 'dir', 'link', 'sub', 'gone', 'big', '../../user'].map((path) => contents.readFile(path, 'main')),
    )
    expect(texts).toEqual(['é\n', null, null, null, null, 'big', null])
  })

  it('asks once for what a commit names for ever', async () => {
    token()
    nock(host)
      .get('/repos/acme/shop/contents/a')
      .query({ ref: headSha })
      .reply(200, { type: 'file', sha: 's', size: 1, encoding: 'base64', content: 'YQ==' })
    const { contents } = start().repository(ref)
    expect([await contents.readFile('a', headSha), await contents.readFile('a', headSha)]).toEqual(['a', 'a'])
  })

  it.each([
    [{ permission: 'write', role_name: 'maintain' }, 'maintain'],
    [{ permission: 'read', role_name: 'triage' }, 'triage'],
    [{ permission: 'write', role_name: 'a role of our own' }, 'write'],
    [{ permission: 'something new' }, 'none'],
  ])('reads the permission %j as %s', async (reply, expected) => {
    token()
    nock(host).get('/repos/acme/shop/collaborators/bob/permission').reply(200, reply)
    expect(await start().repository(ref).access.permission('bob')).toBe(expected)
  })

  it('gives no permission when it cannot be told', async () => {
    token()
    nock(host).get('/repos/acme/shop/collaborators/bob/permission').times(3).reply(500)
    expect(await passTime(start().repository(ref).access.permission('bob'))).toBe('none')
  })

  it('keeps only deliveries of which no attempt succeeded, and ids beyond what a number holds', async () => {
    const attempt = (id: string, guid: string, status: number) =>
      `{"id":${id},"guid":"${guid}","event":"push","delivered_at":"2026-11-21T11:00:00Z","status_code":${status}}`
    nock(host)
      .get('/app/hook/deliveries')
      .query(true)
      .reply(200, `[${attempt('3', 'a', 200)},${attempt('2', 'a', 502)},${attempt('90071992547409931', 'b', 0)}]`, {
        'content-type': 'application/json',
      })
    const app = start()
    const [failed, ...more] = await app.listFailedDeliveries('2026-11-21T00:00:00Z')
    expect(more).toEqual([])
    expect(failed).toMatchObject({ deliveryId: 'b', id: 90071992547409931n })
    nock(host).post('/app/hook/deliveries/90071992547409931/attempts').reply(202, {})
    if (failed) await app.redeliver(failed.id)
  })

  it('gives up waiting for the limit on new content after the bound', async () => {
    token()
    nock(host).post('/repos/acme/shop/issues/1/comments').reply(201, comment)
    const limits = { concurrent: 10, contentPerMinute: 1, contentPerHour: 10, maxWaitMs: 600 }
    const throttle = createThrottle({ clock, limits })
    const app = createGithubApp({ fetch, baseUrl: host, clock, appId: 1, privateKey, throttle })
    const { comments } = app.repository(ref)
    await comments.create(1, 'x')
    await expect(comments.create(1, 'y')).rejects.toMatchObject({ code: 'rate-limited', owner: 'retry' })
  })
})
