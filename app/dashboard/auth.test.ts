import { describe, expect, test } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { hashKey } from '../controller/keys.ts'
import { createTestDashboard, KEYS } from './__support__/start-dashboard.ts'
import type { DashboardParts } from './parts.ts'

const HOUR_MS = 3_600_000

async function startVisit(over: Partial<DashboardParts> = {}) {
  const clock = createFakeClock()
  const { dashboard, store, asked } = await createTestDashboard(clock, over)
  const cookies = new Map<string, string>()
  const ask = async (path: string, init: RequestInit = {}) => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const answer = await dashboard.room.request(`http://localhost:3000${path}`, {
      ...init,
      headers: { host: 'localhost:3000', cookie, ...init.headers },
    })
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/u.exec(line) ?? []
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  const tokenOf = async (path: string) => /name="csrf" value="([^"]+)"/u.exec(await (await ask(path)).text())?.[1] ?? ''
  const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
    ask(path, { method: 'POST', body: new URLSearchParams(form), headers })
  const logIn = async (key: string) => post('/login', { csrf: await tokenOf('/login'), key, next: '/dashboard' })
  return { clock, dashboard, store, asked, cookies, ask, tokenOf, post, logIn }
}

const PAGES = ['', '/jobs', '/jobs/01JE0000000000000000000061', '/money', '/speed', '/governance', '/health', '/stop']

describe('who is let in', () => {
  test.each(PAGES)('nobody without a log-in sees /dashboard%s', async (page) => {
    const { ask } = await startVisit()
    const answer = await ask(`/dashboard${page}`)
    expect(answer.status).toBe(303)
    expect(answer.headers.get('location')).toBe(`/login?next=${encodeURIComponent(`/dashboard${page}`)}`)
  })

  test('neither the event stream nor a button answers a stranger', async () => {
    const { ask, post, asked } = await startVisit()
    expect((await ask('/dashboard/events')).status).toBe(401)
    expect((await post('/dashboard/stop', { how: 'now' })).status).toBe(401)
    expect(asked.stopped).toEqual([])
  })

  test('a key with the scope read sees pages, and without control no button', async () => {
    const { logIn, ask, post, tokenOf, asked, cookies } = await startVisit()
    const answer = await logIn(KEYS.read.key)
    expect(answer.status).toBe(303)
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^devloop_session=.*; Max-Age=28800; Path=\/; HttpOnly; SameSite=Lax$/u,
    )
    expect(cookies.has('devloop_visitor')).toBe(false)
    const page = await (await ask('/dashboard')).text()
    expect(page).toContain('key:read')
    expect(page).not.toContain('action="/dashboard/start"')
    const csrf = await tokenOf('/dashboard')
    for (const path of ['/dashboard/stop', '/dashboard/start', '/dashboard/jobs/01JE0000000000000000000061/cancel']) {
      expect((await post(path, { csrf })).status).toBe(403)
    }
    expect(asked).toEqual({ started: 0, stopped: [] })
  })

  test.each([
    ['unknown', `dlk_${'0'.repeat(64)}`, 'This is no key that the server knows.'],
    ['without read', KEYS.infer.key, 'This key has no scope &quot;read&quot;.'],
    ['empty', '', 'This is no key that the server knows.'],
  ])('a key that is %s opens nothing', async (_case, key, sentence) => {
    const { logIn, ask } = await startVisit()
    const answer = await logIn(key)
    expect(answer.status).toBe(401)
    const page = await answer.text()
    expect(page).toContain(sentence)
    if (key !== '') expect(page).not.toContain(key)
    expect((await ask('/dashboard')).status).toBe(303)
  })

  test('a session ends after eight hours, at log-out, and when its key is revoked', async () => {
    const visit = await startVisit()
    await visit.logIn(KEYS.read.key)
    visit.clock.jump(8 * HOUR_MS - 1)
    expect((await visit.ask('/dashboard')).status).toBe(200)
    visit.clock.jump(1)
    expect((await visit.ask('/dashboard')).status).toBe(303)

    await visit.logIn(KEYS.read.key)
    const csrf = await visit.tokenOf('/dashboard')
    expect((await visit.post('/logout', { csrf })).status).toBe(200)
    expect((await visit.ask('/dashboard')).status).toBe(303)

    await visit.logIn(KEYS.read.key)
    expect((await visit.ask('/dashboard')).status).toBe(200)
    await visit.store.keys.revoke('key_read', visit.clock.now())
    visit.clock.jump(5_000)
    expect((await visit.ask('/dashboard')).status).toBe(303)
  })

  test('a session of a key that was made a moment ago is good although the keys were read before', async () => {
    const visit = await startVisit()
    await visit.logIn(KEYS.read.key)
    expect((await visit.ask('/dashboard')).status).toBe(200)
    const earlier = await visit.store.keys.findByHash(hashKey(KEYS.read.key))
    if (earlier === undefined) throw new Error('the key is missing')
    await visit.store.keys.add({ ...earlier, id: 'key_fresh', hash: hashKey('dlk_fresh') })
    await visit.logIn('dlk_fresh')
    expect((await visit.ask('/dashboard')).status).toBe(200)
  })

  test('a session of another deployment, a changed one, and a token as a session are refused', async () => {
    const visit = await startVisit()
    await visit.logIn(KEYS.control.key)
    const own = visit.cookies.get('devloop_session') ?? ''
    const other = await startVisit()
    await other.logIn(KEYS.control.key)
    const [body = '', signature = ''] = own.split('.')
    const raised = Buffer.from(Buffer.from(body, 'base64url').toString().replace('key:control', 'key:c0ntrol'))
    const csrf = await visit.tokenOf('/dashboard')
    for (const forged of [
      other.cookies.get('devloop_session') ?? '',
      `${raised.toString('base64url')}.${signature}`,
      `${body}.`,
      body,
      `${own}.x`,
      csrf,
      'x'.repeat(5_000),
    ]) {
      visit.cookies.set('devloop_session', forged)
      expect((await visit.ask('/dashboard')).status).toBe(303)
    }
    visit.cookies.set('devloop_session', own)
    expect((await visit.ask('/dashboard')).status).toBe(200)
  })

  test('a printed link opens the dashboard once, and not when it is too old', async () => {
    const visit = await startVisit()
    const link = visit.dashboard.createLoginPath(60_000)
    const late = visit.dashboard.createLoginPath(1_000)
    const first = await visit.ask(link)
    expect([first.status, first.headers.get('location')]).toEqual([303, '/dashboard'])
    expect((await visit.ask('/dashboard')).status).toBe(200)
    expect((await visit.ask(link)).headers.get('location')).toBe('/dashboard')
    visit.cookies.clear()
    const again = await visit.ask(link)
    expect(again.status).toBe(403)
    expect(await again.text()).toContain('used before or is too old')
    visit.clock.jump(1_000)
    expect((await visit.ask(late)).status).toBe(403)
  })

  test('after the log-in one goes to a page of the dashboard and nowhere else', async () => {
    for (const [next, place] of [
      ['/dashboard/jobs?kind=review', '/dashboard/jobs?kind=review'],
      ['https://evil.example/dashboard', '/dashboard'],
      ['//evil.example/dashboard', '/dashboard'],
      ['/\\evil.example/dashboard', '/dashboard'],
      ['/dashboard/../login', '/dashboard'],
      ['/dashboardx', '/dashboard'],
      ['javascript:alert(1)', '/dashboard'],
    ] as const) {
      const { post, tokenOf } = await startVisit()
      const answer = await post('/login', { csrf: await tokenOf('/login'), key: KEYS.read.key, next })
      expect(answer.headers.get('location')).toBe(place)
    }
  })

  test('without any key the log-in says how to make one', async () => {
    const { ask, store } = await startVisit()
    expect(await (await ask('/login')).text()).not.toContain('devloop keys create')
    for (const { id } of await store.keys.list()) await store.keys.revoke(id, 1)
    expect(await (await ask('/login')).text()).toContain('devloop keys create me --scope read,control')
  })

  test('over https the cookie says so', async () => {
    const { logIn } = await startVisit({ publicUrl: 'https://devloop.example' })
    expect((await logIn(KEYS.read.key)).headers.getSetCookie()[0]).toContain('; Secure')
  })
})

describe('forms', () => {
  test('buttons do what they say for somebody with control', async () => {
    const { logIn, post, tokenOf, asked } = await startVisit()
    await logIn(KEYS.control.key)
    const csrf = await tokenOf('/dashboard')
    for (const form of [{ how: 'drain' }, { how: 'now' }]) {
      expect((await post('/dashboard/stop', { csrf, ...form })).status).toBe(303)
    }
    expect((await post('/dashboard/start', { csrf })).status).toBe(303)
    expect(asked).toEqual({
      started: 1,
      stopped: [
        { force: false, by: 'key:control' },
        { force: true, by: 'key:control' },
      ],
    })
  })

  test('a form without its token, with that of another visit, or from another site is refused', async () => {
    const { logIn, post, tokenOf, asked } = await startVisit()
    await logIn(KEYS.control.key)
    const csrf = await tokenOf('/dashboard')
    const other = await startVisit()
    await other.logIn(KEYS.control.key)
    const refused = [
      post('/dashboard/stop', {}),
      post('/dashboard/stop', { csrf: '' }),
      post('/dashboard/stop', { csrf: `${csrf}x` }),
      post('/dashboard/stop', { csrf: await other.tokenOf('/dashboard') }),
      post('/dashboard/stop', { csrf }, { origin: 'https://evil.example' }),
      post('/dashboard/stop', { csrf }, { origin: 'null' }),
      post('/dashboard/stop', { csrf }, { 'sec-fetch-site': 'cross-site' }),
      post('/dashboard/stop', { csrf }, { 'sec-fetch-site': 'same-site' }),
      post('/dashboard/start', {}),
      post('/dashboard/jobs/01JE0000000000000000000061/cancel', {}),
      post('/logout', {}),
      post('/login', { key: KEYS.control.key }),
    ]
    for (const answer of await Promise.all(refused)) expect(answer.status).toBe(403)
    expect(asked).toEqual({ started: 0, stopped: [] })
    const own = { origin: 'http://localhost:3000', 'sec-fetch-site': 'same-origin' }
    expect((await post('/dashboard/stop', { csrf }, own)).status).toBe(303)
  })

  test('a huge form is cut off', async () => {
    const { logIn, post } = await startVisit()
    await logIn(KEYS.control.key)
    expect((await post('/dashboard/stop', { csrf: 'x'.repeat(20_000) })).status).toBe(413)
    expect((await post('/login', { key: 'x'.repeat(20_000) })).status).toBe(413)
  })

  test('no page runs, frames or loads what is not ours, and none is kept in a cache', async () => {
    const { logIn, ask } = await startVisit()
    await logIn(KEYS.read.key)
    for (const path of ['/login', ...PAGES.map((page) => `/dashboard${page}`)]) {
      const { headers } = await ask(path)
      expect(headers.get('content-security-policy')).toBe(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
      )
      expect(headers.get('cache-control')).toBe('no-store')
    }
  })
})
