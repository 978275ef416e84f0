import type { Context } from 'hono'
import { html } from 'hono/html'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'

/** The question whether an App may know who one is. */
export function renderAuthorizePage(world: World, query: URLSearchParams, viewer: string): Markup {
  const name = findByClientId(world, query.get('client_id') ?? '')?.name ?? 'Unknown application'
  return html`<h1>Authorize ${name}</h1><section class="card"><div class="body"><p>${name} wants to know that you are <b>${viewer}</b>.</p>
    <form method="post" action="/login/oauth/authorize">${[...query].map(([key, value]) => html`<input type="hidden" name="${key}" value="${value}">`)}<button class="primary" data-act="authorize">Authorize</button></form>
  </div></section>`
}

/** Sends the browser back with a code, good for one exchange. */
export function authorize(
  world: World,
  context: Context,
  form: { viewer: string; redirectUri: string; state: string },
): Response {
  const code = world.randomHex(20)
  world.codes.set(code, { kind: 'oauth', value: form.viewer })
  const url = new URL(form.redirectUri)
  url.searchParams.set('code', code)
  if (form.state !== '') url.searchParams.set('state', form.state)
  return context.redirect(url.toString())
}

/** Exchanges a code for a token of the person who authorized; refusals come with status 200, as on GitHub. */
export function exchangeCode(world: World, request: { clientId: string; clientSecret: string; code: string }): object {
  const registration = findByClientId(world, request.clientId)
  if (registration?.clientSecret !== request.clientSecret) {
    return {
      error: 'incorrect_client_credentials',
      error_description: 'The client_id and/or client_secret passed are incorrect.',
    }
  }
  const stored = world.codes.get(request.code)
  if (stored?.kind !== 'oauth') {
    return { error: 'bad_verification_code', error_description: 'The code passed is incorrect or expired.' }
  }
  world.codes.delete(request.code)
  const token = `ghu_${world.randomHex(36)}`
  world.tokens.set(token, { kind: 'person', login: stored.value })
  return { access_token: token, scope: '', token_type: 'bearer' }
}

function findByClientId(world: World, clientId: string) {
  return [...world.registrations.values()].find((registration) => registration.clientId === clientId)
}
