import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isObject } from '../contracts/json.ts'
import { type Shop, startShop } from '../__support__/start-shop.ts'

describe('creating an App and signing in', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop()
  })
  afterAll(() => shop.stop())

  const post = (path: string, form: Record<string, string>, accept = 'text/html') =>
    fetch(shop.github.webUrl + path, {
      method: 'POST',
      body: new URLSearchParams(form),
      headers: { accept },
      redirect: 'manual',
    })

  test('a manifest becomes an App, once', async () => {
    const manifest = JSON.stringify({
      name: 'My Loop',
      url: 'https://example.com',
      hook_attributes: { url: 'https://example.com/hook' },
      redirect_url: 'http://127.0.0.1:9/setup',
      default_permissions: { checks: 'write' },
      default_events: ['push'],
    })
    const page = await (await post('/settings/apps/new?state=abc', { manifest })).text()
    expect(page).toContain('Create GitHub App')
    const back = new URL(
      (await post('/settings/apps/confirm', { manifest, state: 'abc', owner: 'alice' })).headers.get('location') ?? '',
    )
    expect(back.searchParams.get('state')).toBe('abc')
    const convert = () =>
      fetch(`${shop.github.url}/app-manifests/${back.searchParams.get('code')}/conversions`, { method: 'POST' })
    const created: unknown = await (await convert()).json()
    expect(created).toMatchObject({ slug: 'my-loop', permissions: { checks: 'write' }, events: ['push'] })
    expect(isObject(created) ? String(created.pem) : '').toMatch(/^-----BEGIN RSA PRIVATE KEY-----/)
    expect((await convert()).status).toBe(404)
    shop.github.assertClean()
  })

  test('a person signs in through the App', async () => {
    const { clientId, clientSecret } = shop.registration
    const redirectUri = 'http://127.0.0.1:9/callback'
    const query = new URLSearchParams({ client_id: clientId, redirect_uri: redirectUri, state: 's1' })
    const page = await (await fetch(`${shop.github.webUrl}/login/oauth/authorize?${query}`)).text()
    expect(page).toContain('DevLoop wants to know that you are')
    const back = new URL(
      (
        await post('/login/oauth/authorize', { client_id: clientId, redirect_uri: redirectUri, state: 's1' })
      ).headers.get('location') ?? '',
    )
    expect(back.searchParams.get('state')).toBe('s1')
    const code = back.searchParams.get('code') ?? ''
    const exchange = async (secret: string): Promise<unknown> =>
      (
        await post(
          '/login/oauth/access_token',
          { client_id: clientId, client_secret: secret, code },
          'application/json',
        )
      ).json()
    expect(await exchange('wrong')).toMatchObject({ error: 'incorrect_client_credentials' })
    const answer = await exchange(clientSecret)
    const token = isObject(answer) ? answer.access_token : undefined
    expect((await shop.as(`Bearer ${token}`)('GET', '/user')).json).toMatchObject({ login: 'alice' })
    expect((await shop.as(`Bearer ${token}`)('GET', '/user/orgs')).list).toMatchObject([{ login: 'acme' }])
    expect(await exchange(clientSecret)).toMatchObject({ error: 'bad_verification_code' })
  })
})
