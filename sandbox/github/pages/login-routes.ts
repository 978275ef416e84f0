import type { Context, Hono } from 'hono'
import { isObject } from '../contracts/json.ts'
import type { World } from '../world.ts'
import { confirmManifest, renderManifestPage } from './manifest-page.ts'
import type { Markup } from './markup.ts'
import { authorize, exchangeCode, renderAuthorizePage } from './oauth.ts'
import { viewerOf } from './people.ts'
import { readForm } from './read-form.ts'

type Show = (context: Context, parts: { title: string; body: Markup }) => Response | Promise<Response>

/** Creating an App from a manifest, and signing in through one. */
export function mountLogin(pages: Hono, world: World, show: Show): void {
  for (const path of ['/settings/apps/new', '/organizations/:org/settings/apps/new']) {
    pages.post(path, async (context) => {
      const { manifest = '' } = await readForm(context)
      const owner = context.req.param('org') ?? viewerOf(world, context)
      return show(context, {
        title: 'Create a GitHub App',
        body: renderManifestPage(manifest, context.req.query('state') ?? '', owner),
      })
    })
  }
  pages.post('/settings/apps/confirm', async (context) => {
    const { manifest = '', state = '', owner = '' } = await readForm(context)
    return confirmManifest(world, context, { manifest, state, owner })
  })
  pages.get('/login/oauth/authorize', (context) => {
    const query = new URL(context.req.url).searchParams
    return show(context, { title: 'Authorize', body: renderAuthorizePage(world, query, viewerOf(world, context)) })
  })
  pages.post('/login/oauth/authorize', async (context) => {
    const { redirect_uri: redirectUri = '', state = '' } = await readForm(context)
    return authorize(world, context, { viewer: viewerOf(world, context), redirectUri, state })
  })
  pages.post('/login/oauth/access_token', async (context) => {
    const form = await readCredentials(context)
    const answer = exchangeCode(world, {
      clientId: form.client_id ?? '',
      clientSecret: form.client_secret ?? '',
      code: form.code ?? '',
    })
    if (context.req.header('accept')?.includes('json')) return context.json(answer)
    return context.body(new URLSearchParams(Object.entries(answer)).toString(), 200, {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    })
  })
}

// Clients send the exchange as a form, as JSON, or in the query.
async function readCredentials(context: Context): Promise<Record<string, string>> {
  const query = Object.fromEntries(new URL(context.req.url).searchParams)
  if (!context.req.header('content-type')?.includes('json')) return { ...query, ...(await readForm(context)) }
  const body: unknown = await context.req.json()
  const texts = Object.entries(isObject(body) ? body : {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value]] : [],
  )
  return { ...query, ...Object.fromEntries(texts) }
}
