import { beforeAll, describe, expect, test } from 'vitest'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { createTestDashboard } from './__support__/start-dashboard.ts'
import { type Seeded, seedStore } from './__support__/seed.ts'

const NOW = Date.UTC(2026, 10, 21, 12)

async function signIn(strange: (text: string) => string, seeded = true) {
  const clock = createFakeClock(NOW)
  const { dashboard, store } = await createTestDashboard(clock)
  const ids = seeded ? await seedStore(store, NOW, strange) : undefined
  const answer = await dashboard.room.request(dashboard.createLoginPath(60_000))
  const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? ''
  const page = async (path: string) => {
    const shown = await dashboard.room.request(path, { headers: { cookie } })
    return { status: shown.status, html: await shown.text() }
  }
  return { page, ids, store }
}

const pathsOf = (ids: Seeded) => [
  '/dashboard',
  '/dashboard/stop',
  '/dashboard/jobs',
  `/dashboard/jobs/${ids.reviewId}`,
  `/dashboard/jobs/${ids.inferId}`,
  `/dashboard/jobs/${ids.failedId}`,
  `/dashboard/jobs/${ids.openId}`,
  '/dashboard/money',
  '/dashboard/speed',
  '/dashboard/governance',
  `/dashboard/verdicts/${ids.verdictId}`,
  '/dashboard/health',
]

describe('pages as people read them', () => {
  let visit: Awaited<ReturnType<typeof signIn>>
  beforeAll(async () => {
    visit = await signIn((text) => text)
  })

  test.each([
    ['now', () => '/dashboard'],
    ['job', ({ reviewId }: Seeded) => `/dashboard/jobs/${reviewId}`],
    ['prompt', ({ inferId }: Seeded) => `/dashboard/jobs/${inferId}`],
    ['money', () => '/dashboard/money'],
    ['speed', () => '/dashboard/speed'],
    ['governance', () => '/dashboard/governance'],
    ['failed', ({ failedId }: Seeded) => `/dashboard/jobs/${failedId}`],
    ['jobs', () => '/dashboard/jobs?kind=review'],
    ['verdict', ({ verdictId }: Seeded) => `/dashboard/verdicts/${verdictId}`],
    ['health', () => '/dashboard/health'],
  ] as const)('%s', async (name, pathOf) => {
    if (visit.ids === undefined) throw new Error('nothing was seeded')
    const { html } = await visit.page(pathOf(visit.ids))
    await expect(textOf(html)).toMatchFileSnapshot(`__golden__/${name}.golden.txt`)
  })

  test('jobs are filtered and paged', async () => {
    const countRows = (html: string) => html.match(/<th scope="row">/gu)?.length ?? 0
    const first = (await visit.page('/dashboard/jobs?kind=infer')).html
    expect(countRows(first)).toBe(50)
    const next = /rel="next" href="([^"]+)"/u.exec(first)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const second = (await visit.page(next)).html
    expect(countRows(second)).toBe(10)
    expect(second).not.toContain('rel="next"')
    expect(countRows((await visit.page('/dashboard/jobs?repository=acme%2Fshop&pull=7')).html)).toBe(1)
    expect(countRows((await visit.page('/dashboard/jobs?outcome=failed')).html)).toBe(1)
    expect((await visit.page('/dashboard/jobs?kind=nonsense&after=x&pull=-1')).status).toBe(200)
  })

  test.each(['/dashboard/jobs/none', '/dashboard/jobs/01JE9999999999999999999999', '/dashboard/verdicts/none'])(
    '%s is not found',
    async (path) => {
      expect((await visit.page(path)).status).toBe(404)
    },
  )
})

test('the last monthly report is linked on the Money page', async () => {
  const { page, store } = await signIn((text) => text, false)
  expect((await page('/dashboard/money')).html).toContain('None was committed yet.')
  const path = 'usage/<b>/2026-10.md'
  await store.facts.set('report/last', {
    month: '2026-10',
    repository: 'acme/reports',
    branch: 'gh-pages',
    path,
    at: 1,
  })
  const { html } = await page('/dashboard/money')
  expect(html).toContain('href="https://github.com/acme/reports/blob/gh-pages/usage/%3Cb%3E/2026-10.md"')
  expect(html).toContain('The report of 2026-10 is')
  expect(html).not.toContain('<b>')
  await store.facts.set('report/problem', { message: 'GitHub answered 403: <i>no</i>.', remedy: 'Ask.', at: 1 })
  expect((await page('/dashboard/money')).html).toContain(
    'GitHub answered 403: &lt;i&gt;no&lt;/i&gt;. <strong>Ask.</strong>',
  )
})

describe('an empty store', () => {
  test.each(['', '/jobs', '/money', '/speed', '/governance', '/health', '/stop'])(
    '/dashboard%s says that there is nothing yet',
    async (path) => {
      const { page } = await signIn((text) => text, false)
      expect((await page(`/dashboard${path}`)).status).toBe(200)
    },
  )
})

describe('what strangers write', () => {
  const corpus = [
    '<script>alert(1)</script>',
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    '</pre></td></table></main><h1>Log in again</h1><form action=https://evil.example>',
    '<!--',
    ']]><![CDATA[',
    '</title><base href=https://evil.example>',
    'javascript:alert(1)',
    '" autofocus onfocus=alert(1) x="',
    '&lt;script&gt;&#60;b&#62;',
    '</textarea></option></select><iframe srcdoc="x">',
    '{{7*7}}<%= 7*7 %>',
    '\u202Egnp.exe\u0000<b>\u2066',
    '`code` and `<i>`',
    'x'.repeat(20_000),
  ]
  let plain: Map<string, string>
  beforeAll(async () => {
    const { page, ids } = await signIn(() => 'harmless')
    plain = new Map()
    for (const path of ids ? pathsOf(ids) : []) plain.set(path, skeletonOf((await page(path)).html))
  })

  test.each(corpus.map((payload) => [payload.slice(0, 40), payload] as const))(
    'stays text: %j',
    async (_name, payload) => {
      const { page, ids } = await signIn(() => payload)
      for (const path of ids ? pathsOf(ids) : []) {
        const { status, html } = await page(path)
        expect(status).toBe(200)
        expect(skeletonOf(html), path).toBe(plain.get(path))
      }
    },
  )

  test.each(corpus.slice(0, -1))('stays text in an address: %j', async (payload) => {
    const { page } = await signIn((text) => text)
    const query = encodeURIComponent(payload)
    for (const path of ['/dashboard/jobs', '/dashboard/governance']) {
      const harmless = (await page(`${path}?repository=harmless`)).html
      expect(skeletonOf((await page(`${path}?repository=${query}`)).html)).toBe(skeletonOf(harmless))
    }
    for (const path of [`/dashboard/jobs/${query}`, `/dashboard/verdicts/${query}`, `/login?next=${query}`]) {
      expect((await page(path)).html).not.toMatch(/<script>|<img|<svg\/|<iframe|<form action=https/u)
    }
  })

  test('a link that a stranger names is a link only when it leads to the web', async () => {
    const { page, ids, store } = await signIn((text) => text)
    const id = ids?.reviewId
    if (id === undefined) throw new Error('nothing was seeded')
    const job = await store.jobs.find(id)
    const linkTo = async (reviewUrl: string) => {
      await store.jobs.update(id, job?.fence ?? 0, { result: { reviewUrl, findings: [] } })
      return (await page(`/dashboard/jobs/${id}`)).html
    }
    expect(await linkTo('https://github.com/a/b/pull/1')).toContain('<a href="https://github.com/a/b/pull/1"')
    for (const url of ['javascript:alert(1)', 'JaVaScRiPt:alert(1)', 'data:text/html,x', 'vbscript:x', '//evil', '']) {
      expect(await linkTo(url)).not.toMatch(/href="(?:javascript|data|vbscript|\/\/)/iu)
    }
  })
})

/** Tags and the names of their attributes: what a browser would build, without any of the words. */
function skeletonOf(html: string): string {
  const tags = html.match(/<[!/a-z][^>]*>/giu) ?? []
  const names = tags.map((tag) => tag.replaceAll(/"[^"]*"/gu, '""').replaceAll(/\s+/gu, ' '))
  // Code in backticks is shown as code.
  return names.filter((tag) => !/^<\/?code>$/u.test(tag)).join('\n')
}

/** The page without its frame, one line per block, so that a reader sees what changes. */
function textOf(html: string): string {
  const main = /<main[^>]*>([\s\S]*)<\/main>/u.exec(html)?.[1] ?? ''
  return main
    .replaceAll(/<input type="hidden"[^>]*>/gu, '')
    .replaceAll(/<\/(?:p|h[1-6]|li|tr|div|section|summary|dt|figcaption|option|article|button|label)>/gu, '\n')
    .replaceAll(/<\/t[dh]>/gu, ' | ')
    .replaceAll(/<[^>]+>/gu, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n')
    .concat('\n')
}
