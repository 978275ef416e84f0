import { expect, it } from 'vitest'
import { systemClock } from '../../../../adapters/system/system-clock.ts'
import { createTestDashboard } from '../../../../app/dashboard/__support__/start-dashboard.ts'

const github = {
  clientId: 'client',
  clientSecret: { reveal: () => 'never-sent' },
  apiUrl: 'http://github.test',
  fetch: async () => Response.json({}),
  scopesOf: async () => [],
}
const FORGED = {
  'x-forwarded-host': 'evil.test',
  'x-forwarded-proto': 'http',
  'x-forwarded-for': '127.0.0.1',
  'x-original-url': '/dashboard',
  'x-rewrite-url': '/dashboard',
  'x-real-ip': '127.0.0.1',
  forwarded: 'host=evil.test;proto=http;for=127.0.0.1',
}

it('what a client says about a proxy in front opens no page and leads nobody elsewhere', async () => {
  const { dashboard } = await createTestDashboard(systemClock, { publicUrl: 'https://devloop.example', github })
  const log = await dashboard.room.request('http://evil.test/login/github', { headers: FORGED })
  const target = new URL(log.headers.get('location') ?? '')
  expect(target.searchParams.get('redirect_uri')).toBe('https://devloop.example/login/github/callback')
  const page = await dashboard.room.request('http://evil.test/dashboard/jobs', { headers: FORGED })
  expect([page.status, page.headers.get('location')]).toEqual([303, '/login?next=%2Fdashboard%2Fjobs'])
})

it.each([
  '//evil.test',
  'https://evil.test/dashboard',
  '/dashboard/../../x',
  '/\\evil.test',
  '/dashboardx',
  'javascript:alert(1)',
])('the way back after a log-in never leads to %s', async (next) => {
  const { dashboard } = await createTestDashboard(systemClock)
  const link = `${dashboard.createLoginPath(60_000)}&next=${encodeURIComponent(next)}`
  const answer = await dashboard.room.request(`http://here.test${link}`)
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dashboard'])
})
