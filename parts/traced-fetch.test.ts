import { expect, it } from 'vitest'
import { silentTelemetry, type SpanWish, type Telemetry } from '../ports/telemetry.ts'
import { templateOf, tracedFetch } from './traced-fetch.ts'

it.each([
  ['/repos/acme/shop/pulls/12/reviews', '/repos/{owner}/{repo}/pulls/{id}/reviews'],
  ['/repos/acme/shop/check-runs', '/repos/{owner}/{repo}/check-runs'],
  [`/repos/acme/shop/commits/${'a1'.repeat(20)}/check-runs`, '/repos/{owner}/{repo}/commits/{id}/check-runs'],
  ['/v2/pods', '/v2/pods'],
  ['/v2/pods/k3j9x0a1b2c3d4', '/v2/pods/{id}'],
  ['/app/installations/7/access_tokens', '/app/installations/{id}/access_tokens'],
])('%s becomes %s', (path, template) => {
  expect(templateOf(path)).toBe(template)
})

it('is the fetch itself where nothing is recorded', () => {
  const fetch = async () => ({ status: 200 })
  expect(tracedFetch(fetch, silentTelemetry, { name: 'runpod' })).toBe(fetch)
})

it('records a call that belongs to a trace, and only such a one', async () => {
  const wishes: SpanWish[] = []
  const telemetry: Telemetry = {
    ...silentTelemetry,
    isOn: true,
    span: (wish, body) => {
      wishes.push(wish)
      return silentTelemetry.span(wish, body)
    },
  }
  let parent: string | null = null
  const fetch = tracedFetch(async (_url: string, _init: { method?: string }) => ({ status: 200 }), telemetry, {
    name: 'runpod',
    parentOf: () => parent,
  })
  await fetch('https://api.test/v2/pods', {})
  expect(wishes).toEqual([])
  parent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
  await fetch('https://api.test/v2/pods?key=secret', { method: 'POST' })
  expect(wishes).toMatchObject([{ name: 'runpod POST /v2/pods', kind: 'client', parent }])
  expect(JSON.stringify(wishes)).not.toContain('secret')
})
