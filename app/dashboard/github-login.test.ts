import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { GithubError } from '../../ports/errors.ts'
import { installationId, repositoryName } from '../../ports/ids.ts'
import type { KeyScope } from '../../ports/store.ts'
import { createTestDashboard } from './__support__/start-dashboard.ts'
import { dashboardScopes } from './github-scopes.ts'

describe('log-in with GitHub', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop()
  })
  afterAll(() => shop.stop())

  async function startVisit(scopes: readonly KeyScope[]) {
    const asked: { login: string; organizations: readonly string[] }[] = []
    const { clientId, clientSecret } = shop.registration
    const { dashboard } = await createTestDashboard(createFakeClock(), {
      githubWebUrl: shop.github.webUrl,
      github: {
        clientId,
        clientSecret: { reveal: () => clientSecret },
        apiUrl: shop.github.url,
        fetch,
        scopesOf: async (login, organizations) => {
          asked.push({ login, organizations })
          return scopes
        },
      },
    })
    const begin = await dashboard.room.request('http://localhost:3000/login/github?next=/dashboard/jobs')
    const cookie = begin.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const authorize = new URL(begin.headers.get('location') ?? '')
    const allowed = await fetch(authorize.origin + authorize.pathname, {
      method: 'POST',
      body: authorize.searchParams,
      redirect: 'manual',
    })
    const back = new URL(allowed.headers.get('location') ?? '')
    const comeBack = (query = back.search, own = cookie) =>
      dashboard.room.request(`http://localhost:3000${back.pathname}${query}`, { headers: { cookie: own } })
    return { asked, comeBack, back, dashboard }
  }

  test('somebody of the installation gets in, to where they wanted to go', async () => {
    const { comeBack, asked, dashboard } = await startVisit(['read', 'control'])
    const answer = await comeBack()
    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/dashboard/jobs'])
    expect(asked).toEqual([{ login: 'alice', organizations: ['acme'] }])
    const session = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const page = await dashboard.room.request('/dashboard', { headers: { cookie: session } })
    expect(await page.text()).toContain('Logged in as alice')
  })

  test('a stranger is told that nothing here is theirs', async () => {
    const answer = await (await startVisit([])).comeBack()
    expect(answer.status).toBe(403)
    expect(await answer.text()).toContain('alice has no access to any repository')
  })

  test('an answer that was not asked for here, or comes twice, opens nothing', async () => {
    const { comeBack, back, asked } = await startVisit(['read'])
    expect((await comeBack(back.search, '')).status).toBe(403)
    expect((await comeBack(`?code=${back.searchParams.get('code')}&state=x`)).status).toBe(403)
    expect(asked).toEqual([])
    expect(
      (await comeBack('?code=wrong&state='.concat(encodeURIComponent(back.searchParams.get('state') ?? '')))).status,
    ).toBe(401)
    expect((await comeBack()).status).toBe(303)
    expect((await comeBack()).status).toBe(401)
  })
})

describe('what GitHub people may do', () => {
  const refused = new GithubError({ code: 'forbidden', owner: 'operator', message: 'No.', remedy: 'Ask.' })
  const teams: Readonly<Record<string, readonly string[]>> = { '@acme/payers': ['grace'], '@other/payers': ['ada'] }
  const github = (permission: string) =>
    ({
      listRepositories: async () =>
        ['acme/shop', 'acme/blog'].map((name) => ({
          installationId: installationId.parse(1),
          name: repositoryName.parse(name),
        })),
      repository: () => ({
        access: {
          permission: async () => permission,
          isTeamMember: async (team: string, login: string) => {
            if (teams[team] === undefined) throw refused
            return teams[team].includes(login)
          },
        },
      }),
    }) as unknown as Parameters<typeof dashboardScopes>[0]

  test.each([
    ['admin', 'write', [], ['read', 'control']],
    ['write', 'write', [], ['read', 'control']],
    ['triage', 'write', ['ACME'], ['read']],
    ['read', 'write', ['acme'], ['read']],
    ['read', 'write', ['other'], []],
    ['none', 'write', [], []],
    ['read', 'read', [], []],
    ['triage', 'read', [], ['read', 'control']],
    ['write', 'admin', [], []],
  ] as const)('%s where %s is needed, member of %j: %j', async (permission, trigger, organizations, scopes) => {
    const access = { trigger, dashboard: ['members'] }
    expect(await dashboardScopes(github(permission), access, 'ada', organizations)).toEqual(scopes)
  })

  test.each([
    ['a member', 'ada', ['acme'], ['members'], ['read']],
    ['a member where only a team may', 'ada', ['acme'], ['@acme/payers'], []],
    ['one of the team', 'grace', ['acme'], ['@acme/payers'], ['read']],
    ['one of the team, who is no member any more', 'grace', [], ['@acme/payers'], ['read']],
    ['one of a team of an organization without DevLoop', 'ada', ['other'], ['@other/payers'], []],
    ['a team that GitHub does not show', 'ada', ['acme'], ['@acme/secret'], []],
    ['a team that GitHub does not show, and by name', 'ada', [], ['@acme/secret', '@Ada'], ['read']],
    ['somebody by name', 'ada', [], ['@ada'], ['read']],
    ['somebody whose name begins alike', 'ada2', [], ['@ada'], []],
    ['an organization of the same name as a login', 'ada', ['acme'], ['@acme'], []],
    ['nobody besides those who may spend', 'ada', ['acme'], [], []],
  ] as const)('%s: %s of %j, where %j may look, gets %j', async (_name, login, organizations, dashboard, scopes) => {
    const access = { trigger: 'write', dashboard } as const
    expect(await dashboardScopes(github('read'), access, login, organizations)).toEqual(scopes)
    // To be named opens the pages and no button; whoever may spend needs no name.
    expect(await dashboardScopes(github('write'), access, login, organizations)).toEqual(['read', 'control'])
  })
})
