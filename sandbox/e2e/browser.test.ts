import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BUGGY_LINES, openChange } from './__support__/open-change.ts'
import { checkOn, type Product, startProduct } from './__support__/start-product.ts'

const CHROMIUM = '/usr/bin/chromium'
/** Set DEVLOOP_SCREENSHOTS to a folder to look at what a person sees. */
const SCREENSHOTS = process.env.DEVLOOP_SCREENSHOTS
const hasChromium = existsSync(CHROMIUM)

describe.skipIf(!hasChromium)(`in a browser (skipped when ${CHROMIUM} is missing)`, () => {
  let product: Product
  let browser: Browser
  beforeAll(async () => {
    product = await startProduct()
    browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  })
  afterAll(async () => {
    await browser.close()
    await product.stop()
  })

  it('a person types a command on the pull request and sees the findings appear at their lines', async () => {
    const change = await openChange(product, 'acme/seen')
    await product.settled()
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 } })
    const faults: string[] = []
    page.on('pageerror', (error) => faults.push(error.message))
    await page.goto(`${product.github.webUrl}/${change.name}/pull/${change.number}`)
    await picture('before')
    await page.locator('#comment-body').fill('/devloop review')
    await page.locator('form:has(#comment-body) button').first().click()

    const files = page.locator('[data-live=files]')
    const finding = files.locator('td.talk', { hasText: 'SQL is built from a value' })
    await finding.waitFor()
    const row = finding.locator('xpath=parent::tr/preceding-sibling::tr[1]')
    expect(await row.locator('td.number').last().textContent()).toBe(String(BUGGY_LINES[0]))
    expect(await row.locator('td.code').textContent()).toContain("'SELECT id FROM orders WHERE customer = ' + customer")
    await page.locator('[data-live=side]', { hasText: 'devloop/review' }).waitFor()
    await page.locator('[data-live=timeline]', { hasText: '$0.' }).waitFor()
    await product.settled()
    await picture('after')
    const check = checkOn(change.repository, change.headSha, 'devloop/governance')
    await page.goto(`${product.github.webUrl}/${change.name}/runs/${check?.id}`)
    await picture('governance')
    expect(faults).toEqual([])
    await product.expectProper()

    async function picture(name: string): Promise<void> {
      if (SCREENSHOTS === undefined) return
      await mkdir(SCREENSHOTS, { recursive: true })
      await page.screenshot({ path: `${SCREENSHOTS}/${name}.png`, fullPage: true })
    }
  })
})
