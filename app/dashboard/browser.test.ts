import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { countTransferred } from './__support__/count-transferred.ts'
import { type Seeded, seedStore } from './__support__/seed.ts'
import { createTestDashboard, listenOn } from './__support__/start-dashboard.ts'

const CHROMIUM = '/usr/bin/chromium'
const hasChromium = existsSync(CHROMIUM)
if (!hasChromium) console.log(`The pages were not opened in a browser: there is no ${CHROMIUM}.`)

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const MOST_BYTES = 100 * 1024

const MODES: Readonly<Record<string, BrowserContextOptions>> = {
  light: { colorScheme: 'light', viewport: { width: 1200, height: 800 } },
  dark: { colorScheme: 'dark', viewport: { width: 1200, height: 800 } },
  phone: { colorScheme: 'light', viewport: { width: 360, height: 740 }, hasTouch: true },
  'dark phone': { colorScheme: 'dark', viewport: { width: 360, height: 740 }, hasTouch: true },
  'no script': { javaScriptEnabled: false, viewport: { width: 1200, height: 800 } },
}

const PLACES: Readonly<Record<string, (ids: Seeded) => string>> = {
  now: () => '/dashboard',
  jobs: () => '/dashboard/jobs',
  job: ({ reviewId }) => `/dashboard/jobs/${reviewId}`,
  prompt: ({ inferId }) => `/dashboard/jobs/${inferId}`,
  'open job': ({ openId }) => `/dashboard/jobs/${openId}`,
  'failed job': ({ failedId }) => `/dashboard/jobs/${failedId}`,
  money: () => '/dashboard/money',
  speed: () => '/dashboard/speed',
  governance: () => '/dashboard/governance',
  verdict: ({ verdictId }) => `/dashboard/verdicts/${verdictId}`,
  health: () => '/dashboard/health',
  stop: () => '/dashboard/stop',
}
const CHARTED = ['money', 'speed', 'governance']

describe.skipIf(!hasChromium)('pages in a browser', () => {
  let browser: Browser
  let world: Awaited<ReturnType<typeof createTestDashboard>>
  let server: Awaited<ReturnType<typeof listenOn>>
  let ids: Seeded

  beforeAll(async () => {
    world = await createTestDashboard(systemClock)
    ids = await seedStore(world.store, systemClock.now(), (text) => text)
    server = await listenOn(world.dashboard)
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
    await world?.store.close()
  })

  async function open(mode: BrowserContextOptions | undefined): Promise<{ context: BrowserContext; page: Page }> {
    const context = await browser.newContext(mode)
    const page = await context.newPage()
    await page.goto(server.url + world.dashboard.createLoginPath(60_000))
    return { context, page }
  }

  /** As a browser without script shows it, but in one where axe, which needs timers, can run. */
  async function openForAxe(): Promise<{ context: BrowserContext; page: Page }> {
    const opened = await open({ ...MODES['no script'], javaScriptEnabled: true })
    await opened.context.route('**/*.js*', (route) => route.abort())
    return opened
  }

  describe.each(Object.keys(MODES))('%s', (mode) => {
    let context: BrowserContext
    let page: Page
    let forAxe: { context: BrowserContext; page: Page } | undefined
    const complaints: string[] = []
    beforeAll(async () => {
      ;({ context, page } = await open(MODES[mode]))
      if (mode === 'no script') forAxe = await openForAxe()
      page.on('pageerror', (error) => complaints.push(error.message))
      page.on('console', (line) => {
        if (['error', 'warning'].includes(line.type())) complaints.push(line.text())
      })
    })
    afterAll(async () => {
      await context?.close()
      await forAxe?.context.close()
    })

    test.each(Object.keys(PLACES))('%s', async (place) => {
      complaints.length = 0
      await page.goto(server.url + (PLACES[place]?.(ids) ?? ''))
      expect(await page.locator('h1').count()).toBe(1)
      if (CHARTED.includes(place)) await lookAtCharts(page, mode)
      expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
      // Dark differs from light in its colours alone.
      await forAxe?.page.goto(page.url())
      const rules = mode.startsWith('dark') ? ['color-contrast'] : undefined
      expect(await findings(forAxe?.page ?? page, rules)).toEqual([])
      expect(complaints).toEqual([])
    })
  })

  test.each(Object.keys(MODES))('the log-in has no serious finding: %s', async (mode) => {
    const context = await browser.newContext({ ...MODES[mode], javaScriptEnabled: true })
    const page = await context.newPage()
    await page.goto(`${server.url}/dashboard/money`)
    expect(await findings(page)).toEqual([])
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    await context.close()
  })

  test('a key typed into the log-in opens the page that was wanted', async () => {
    const page = await browser.newPage()
    await page.goto(`${server.url}/dashboard/money`)
    await page.keyboard.press('Tab')
    await page.getByLabel('API key').fill(`dlk_${'d'.repeat(64)}`)
    await page.keyboard.press('Enter')
    await page.waitForURL('**/dashboard/money')
    await page.getByRole('button', { name: 'Log out' }).click()
    await page.getByText('You are logged out.').waitFor()
    await page.close()
  })

  test('the keyboard reaches the content, the menu and the job behind a row', async () => {
    const { context, page } = await open(MODES.light)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('content')
    await page.getByRole('link', { name: 'Review of acme/shop#7' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Review of acme/shop#7' }).waitFor()
    await context.close()
  })

  test('Stop asks once: in a dialog that Escape closes, and on a page without script', async () => {
    const { context, page } = await open(MODES.light)
    world.asked.stopped.length = 0
    await page.getByRole('link', { name: 'Stop this GPU' }).click()
    await page.getByRole('dialog').waitFor()
    expect(await findings(page)).toEqual([])
    await page.keyboard.press('Escape')
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(world.asked.stopped).toEqual([])
    await page.getByRole('link', { name: 'Stop this GPU' }).click()
    await page.getByRole('button', { name: 'Drain, then give back' }).click()
    await page.waitForURL('**/dashboard')
    await context.close()
    const plain = await open(MODES['no script'])
    await plain.page.getByRole('link', { name: 'Stop this GPU' }).click()
    await plain.page.getByRole('button', { name: 'End now' }).click()
    await plain.page.waitForURL('**/dashboard')
    expect(world.asked.stopped.map(({ force }) => force)).toEqual([false, true])
    await plain.context.close()
  })

  test('what happens is seen without a reload, and focus stays where it was', async () => {
    const { context, page } = await open(MODES.light)
    await page.goto(`${server.url}/dashboard/jobs/${ids.openId}`)
    await page.evaluate('window.mark = 1')
    await page.getByRole('button', { name: 'Cancel this job' }).focus()
    const text = 'booting: <b>a new line</b>'
    await world.store.jobs.addEvent(ids.openId, { at: Date.now(), kind: 'pod', text, facts: null })
    await world.store.notify('events')
    await page.locator('.timeline').getByText(text).waitFor()
    expect(await page.evaluate('window.mark')).toBe(1)
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Cancel this job')
    await page.keyboard.press('Enter')
    await page.getByText('cancel asked').waitFor()
    expect((await world.store.jobs.find(ids.openId))?.cancelRequested).toBe(true)
    await context.close()
  })

  test('the heaviest page comes in less than 100 KB', async () => {
    const { context, page } = await open(MODES.light)
    await context.clearCookies({ name: 'none' })
    const transferred = await countTransferred(page)
    await page.goto(`${server.url}/dashboard/speed`)
    await page.locator('.curve canvas').first().waitFor()
    expect(transferred()).toBeGreaterThan(1_000)
    expect(transferred()).toBeLessThan(MOST_BYTES)
    await context.close()
  })
})

/** Curves with script, the numbers without. */
async function lookAtCharts(page: Page, mode: string): Promise<void> {
  if (mode === 'no script') {
    expect(await page.locator('figure table').first().isVisible()).toBe(true)
    return
  }
  await page.locator('.curve canvas').first().waitFor()
  await page.locator('figure summary').first().click()
  expect(await page.locator('figure table').first().isVisible()).toBe(true)
}

/** What axe calls serious or critical. Sent through the debugger: the page's own policy lets no foreign script in. */
async function findings(page: Page, rules?: readonly string[]): Promise<readonly string[]> {
  await page.evaluate(axeSource)
  return page.evaluate(`axe.run(document, ${JSON.stringify(rules === undefined ? {} : { runOnly: rules })}).then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html.slice(0, 120)).slice(0, 3).join(' ; ')))`)
}
