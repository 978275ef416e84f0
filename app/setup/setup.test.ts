import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import { chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readEnvironment } from '../../parts/read-environment.ts'
import { type Shop, startShop } from '../../sandbox/github/__support__/start-shop.ts'
import { type RunningSetup, startSetup } from './start-setup.ts'

const CHROMIUM = '/usr/bin/chromium'

describe('the set-up page', () => {
  const folder = mkdtempSync(join(tmpdir(), 'devloop-setup-'))
  let shop: Shop
  let setup: RunningSetup
  beforeAll(async () => {
    writeFileSync(join(folder, '.env'), '# mine\nLOG_LEVEL=warn\nAPP_ID=old\nPRIVATE_KEY="a\nb"\n')
    shop = await startShop()
    const { url, webUrl } = shop.github
    setup = await startSetup(
      readEnvironment({ GITHUB_API_URL: url, GITHUB_WEB_URL: webUrl, PORT: '0' }, tmpdir()),
      folder,
    )
  })
  afterAll(async () => {
    await setup.stop()
    await shop.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  it('is refused without the code, with a wrong one, and on every page behind it', async () => {
    for (const path of ['/setup', '/setup?code=wrong', '/setup/created?code=x', '/setup/ping'])
      expect((await fetch(`${setup.url}${path}`)).status).toBe(403)
    expect((await fetch(`${setup.url}/setup/manifest`, { method: 'POST' })).status).toBe(403)
    expect(setup.url).toMatch(/^http:\/\/127\.0\.0\.1:/)
  })

  it.skipIf(!existsSync(CHROMIUM))(
    'creates the App, writes .env for its owner alone, hears the ping, and lets no second visitor in',
    async () => {
      const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
      try {
        const page = await browser.newPage()
        await page.goto(setup.link)
        expect(await page.textContent('main')).toMatch(
          /pull_requests: write\s*post the review with its inline comments/,
        )
        await page.fill('#name', 'DevLoop of Acme')
        await page.click('[data-act=begin]')
        await page.click('[data-act=to-github]')
        await page.click('[data-act=create-app]')
        await page.waitForSelector('#ping[data-ping=heard]', { timeout: 10_000 })
        expect(await page.getAttribute('a.go', 'href')).toMatch(/\/installations\/new$/)

        const file = join(folder, '.env')
        expect(statSync(file).mode & 0o777).toBe(0o600)
        const text = readFileSync(file, 'utf8')
        expect(text).toMatch(/^# mine\nLOG_LEVEL=warn\n/)
        expect(text.match(/^APP_ID=/gm)).toHaveLength(1)
        const variables = parseEnv(text)
        expect(variables.PRIVATE_KEY).toMatch(/^-----BEGIN [A-Z ]*PRIVATE KEY-----\n/)
        expect(readEnvironment(Object.fromEntries(Object.entries(variables)), tmpdir()).WEBHOOK_SECRET).toBeDefined()

        const second = await browser.newContext()
        const stranger = await second.newPage()
        expect((await stranger.goto(setup.link))?.status()).toBe(403)
        expect(await stranger.textContent('h1')).toBe('This page needs its code')
      } finally {
        await browser.close()
      }
    },
    20_000,
  )
})
