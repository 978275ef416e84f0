import { html } from 'hono/html'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { World } from '../world.ts'
import type { Markup } from './markup.ts'

/** As whom the page acts: the person chosen last, else the first that was seeded. */
export function viewerOf(world: World, context: Context): string {
  const chosen = world.accounts.get((getCookie(context, 'as') ?? '').toLowerCase())
  if (chosen?.type === 'User') return chosen.login
  return [...world.accounts.values()].find(({ type }) => type === 'User')?.login ?? ''
}

export function avatar(login: string, size: 'small' | 'large' = 'small'): Markup {
  return html`<img class="avatar ${size}" src="/avatars/${encodeURIComponent(login)}.svg" alt="" width="20" height="20">`
}

/** A coloured disc with the first letter, so that people can be told apart without any picture from elsewhere. */
export function avatarSvg(login: string): string {
  const hue = [...login].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 360, 7)
  const letter = /^[a-z0-9]/i.test(login) ? login.slice(0, 1).toUpperCase() : '?'
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" fill="hsl(${hue} 50% 45%)"/><text x="20" y="27" font-family="system-ui,sans-serif" font-size="20" fill="#fff" text-anchor="middle">${letter}</text></svg>`
}

export function when(time: string): Markup {
  return html`<time class="muted" datetime="${time}">${time.replace('T', ' ').replace(/:\d\dZ$/, ' UTC')}</time>`
}
