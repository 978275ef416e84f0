import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { defaultConfig } from '../config/resolved-config.ts'
import { findStopRequest } from '../fleet/requests.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import { createKey } from './controller/keys.ts'
import { type RunningServer, startServer } from './main.ts'

describe('the dashboard of a running server', () => {
  let folder: string
  let server: RunningServer
  let stopping: Promise<void> | undefined
  const stop = () => {
    stopping ??= server?.stop()
    return stopping
  }
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'devloop-dashboard-'))
    const variables = { DEVLOOP_ENGINE: 'http://127.0.0.1:9', DEVLOOP_DATA: folder, PORT: '0', LOG_LEVEL: 'silent' }
    server = await startServer({
      environment: readEnvironment(variables, folder),
      config: defaultConfig(),
      controllerOnly: true,
      version: '0.0.0',
      logFormat: 'json',
      colour: false,
    })
  })
  afterAll(async () => {
    await stop()
    await rm(folder, { recursive: true, force: true })
  })

  async function logIn(): Promise<string> {
    const answer = await fetch(server.dashboardLink(60_000), { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dashboard'])
    return answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  }

  test('its link opens the pages, beside the other rooms', async () => {
    const cookie = await logIn()
    for (const path of ['', '/jobs', '/money', '/speed', '/governance', '/health']) {
      const page = await fetch(`${server.url}/dashboard${path}`, { headers: { cookie } })
      expect(page.status).toBe(200)
      expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
    }
    expect((await fetch(`${server.url}/status`)).status).toBe(401)
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200)
  })

  test('Stop leaves the wish, with the name of whoever pressed it', async () => {
    const { store, clock, random } = server.parts
    const wish = { name: 'ada', scopes: ['read', 'control'], models: null, monthlyMicroUsd: null } as const
    const { key } = await createKey(wish, { keys: store.keys, clock, random })
    const login = await fetch(`${server.url}/login`)
    const cookieOf = (answer: Response) => answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const tokenIn = async (answer: Response) => /name="csrf" value="([^"]+)"/u.exec(await answer.text())?.[1] ?? ''
    const post = (path: string, cookie: string, form: Record<string, string>) =>
      fetch(server.url + path, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie },
        body: new URLSearchParams(form),
      })
    const opened = await post('/login', cookieOf(login), { key, csrf: await tokenIn(login) })
    const cookie = cookieOf(opened)
    const csrf = await tokenIn(await fetch(`${server.url}/dashboard/stop`, { headers: { cookie } }))
    expect((await post('/dashboard/stop', cookie, { csrf, how: 'now' })).status).toBe(303)
    expect(await findStopRequest(store.facts)).toMatchObject({
      force: true,
      reason: 'asked for on the dashboard by key:ada',
    })
  })

  test('an open page does not hold the server when it stops', async () => {
    const stream = await fetch(`${server.url}/dashboard/events`, { headers: { cookie: await logIn() } })
    expect(stream.headers.get('content-type')).toBe('text/event-stream')
    const reader = stream.body?.getReader()
    await reader?.read()
    const stopped = stop()
    while (!(await reader?.read())?.done);
    await stopped
    await expect(fetch(server.url)).rejects.toThrow()
  })
})
