import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTopic, type Shop, startShop } from '../__support__/start-shop.ts'

const chromiumPath = '/usr/bin/chromium'
const hasChromium = existsSync(chromiumPath)

describe('pages without a browser', () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await startShop()
    await openTopic(shop)
  })
  afterAll(() => shop.stop())

  const get = async (path: string) => (await fetch(shop.github.webUrl + path)).text()
  const post = (path: string, form: Record<string, string>) =>
    fetch(`${shop.github.webUrl}/acme/shop/${path}`, {
      method: 'POST',
      body: new URLSearchParams(form),
      redirect: 'manual',
    })

  test('escape what people write', async () => {
    await shop.bob.update(1, {
      title: '<script>alert(1)</script>',
      body: '<img src=x onerror=alert(1)> [x](javascript:alert(1))',
    })
    const page = await get('/acme/shop/pull/1')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toMatch(/<script>alert|<img src=x|href="javascript:/)
  })

  test('hide HTML comments, and fold what is meant to be folded', async () => {
    shop.alice.comment(1, '<!-- devloop:summary -->\n<details><summary>More</summary>\n\nInside.\n\n</details>')
    const page = await get('/acme/shop/pull/1')
    expect(page).not.toContain('devloop:summary')
    expect(page).toContain('<details><summary>More</summary>')
  })

  test('forms act as the chosen person and show a refusal as a sentence', async () => {
    const comment = await post('pull/1/comment', { body: 'Hello from a form' })
    expect(comment.status).toBe(303)
    expect([...shop.github.repository('acme/shop').issueComments.values()].at(-1)).toMatchObject({
      authorLogin: 'alice',
      body: 'Hello from a form',
    })
    const own = await fetch(`${shop.github.webUrl}/acme/shop/pull/1/approve`, {
      method: 'POST',
      headers: { cookie: 'as=bob' },
    })
    expect(await own.text()).toContain('Review Can not approve your own pull request')
  })

  test('a pushed commit, an approval and a merge go through the pages', async () => {
    await post('pull/1/push', { path: 'notes.md', line: 'One more' })
    await post('pull/1/approve', {})
    await post('pull/1/merge', { method: 'squash' })
    const page = await get('/acme/shop/pull/1')
    expect(page).toContain('Append to notes.md')
    expect(page).toContain('approved these changes')
    expect(page).toMatch(/class="state merged"/)
    expect(await get('/')).toContain('Merged')
  })

  test('a file is shown as its branch has it now', async () => {
    const raw = () => get('/acme/shop/raw/moving/m.txt')
    await shop.bob.push('moving', { 'm.txt': 'first\n' }, 'First')
    expect(await raw()).toBe('first\n')
    await shop.bob.push('moving', { 'm.txt': 'second\n' }, 'Second')
    expect(await raw()).toBe('second\n')
    expect(await get('/acme/shop/blob/moving/m.txt')).toMatch(/id="L1".*second/)
  })

  test('what is not there is 404', async () => {
    for (const path of ['/acme/none/pulls', '/acme/shop/pull/99', '/acme/shop/runs/1', '/acme/shop/commit/abc']) {
      expect((await fetch(shop.github.webUrl + path)).status).toBe(404)
    }
  })
})

const skipped = hasChromium ? '' : ` (skipped: ${chromiumPath} is missing)`

describe.skipIf(!hasChromium)(`pages in a browser${skipped}`, () => {
  let shop: Shop
  let browser: Browser
  let page: Page
  beforeAll(async () => {
    shop = await startShop()
    await openTopic(shop)
    browser = await chromium.launch({ executablePath: chromiumPath, args: ['--no-sandbox'] })
    page = await browser.newPage()
    await page.goto(`${shop.github.webUrl}/acme/shop/pull/1`)
  })
  afterAll(async () => {
    await browser?.close()
    await shop?.stop()
  })

  test('a typed command arrives, and the answer appears at its line without a reload', async () => {
    await page.fill('#comment-body', '/devloop review')
    await page.click('#comment-form button')
    await page.waitForSelector('article[data-author=alice]')
    await page.fill('#comment-body', 'half a sentence')
    await shop.asApp('POST', '/repos/acme/shop/pulls/1/reviews', {
      event: 'COMMENT',
      body: 'One finding.',
      comments: [{ path: 'src/a.ts', line: 2, side: 'RIGHT', body: 'Loud.\n```suggestion\ntwo\n```' }],
    })
    const inline = await page.waitForSelector('[data-path="src/a.ts"][data-line="2"]')
    expect(await inline.textContent()).toContain('Suggested change')
    expect(await page.inputValue('#comment-body')).toBe('half a sentence')
    const row = page.locator('tr:has([data-path="src/a.ts"][data-line="2"])').first()
    expect(await row.locator('xpath=preceding-sibling::tr[1]').textContent()).toContain('+TWO')
  })

  test('a line of the diff takes a comment', async () => {
    await page.goto(`${shop.github.webUrl}/acme/shop/pull/1`)
    await page.click('a[aria-label="Comment on line 10"] >> nth=-1')
    await page.fill('#line-form textarea', 'And here?')
    await page.click('#line-form button')
    const inline = await page.waitForSelector('[data-path="src/a.ts"][data-line="10"]')
    expect(await inline.textContent()).toContain('And here?')
  })

  test.each(['light', 'dark'] as const)('everybody can read them, in %s', async (colorScheme) => {
    await shop.bob.update(1, { body: '- [x] done\n\n[a link](https://example.com) in a text' })
    const run = await shop.asApp('POST', '/repos/acme/shop/check-runs', {
      name: 'devloop/review',
      head_sha: await shop.bob.branchSha('topic'),
      status: 'completed',
      conclusion: 'failure',
      output: {
        title: 'One finding',
        summary: 'See below.',
        annotations: [{ path: 'src/a.ts', start_line: 2, end_line: 2, annotation_level: 'warning', message: 'Loud' }],
      },
    })
    const painted = await browser.newPage({ colorScheme })
    for (const path of [
      '/',
      '/acme/shop/pulls',
      '/acme/shop/pull/1?path=src%2Fa.ts&line=2&side=RIGHT',
      `/acme/shop/runs/${run.json.id}`,
    ]) {
      await painted.goto(shop.github.webUrl + path)
      await painted.addScriptTag({ path: createRequire(import.meta.url).resolve('axe-core/axe.min.js') })
      const found: unknown = await painted.evaluate(
        "axe.run().then(({ violations }) => violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => [id, nodes[0].html]))",
      )
      expect(found).toEqual([])
    }
    await painted.close()
  })
})
