import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'
import { systemClock } from '../../adapters/system/system-clock.ts'
import { countTransferred } from '../../app/dashboard/__support__/count-transferred.ts'
import { seedStore } from '../../app/dashboard/__support__/seed.ts'
import { createTestDashboard, listenOn } from '../../app/dashboard/__support__/start-dashboard.ts'
import { percentile } from './load.ts'

const CHROMIUM = '/usr/bin/chromium'
const ROUNDS = 5
const PLACES = ['', '/jobs', '/money', '/speed', '/governance', '/health']

export interface Paint {
  /** The slowest page, each by the middle of its rounds: first contentful paint after the request. */
  readonly firstPaintMs: number
  /** The heaviest page with everything it loads, as sent; nothing from a cache. */
  readonly transferredBytes: number
}

/** Opens each page of the dashboard in a real browser, as somebody who comes for the first time; undefined where there is none. */
export async function measurePaint(): Promise<Paint | undefined> {
  if (!existsSync(CHROMIUM)) return undefined
  const world = await createTestDashboard(systemClock)
  await seedStore(world.store, systemClock.now(), (text) => text)
  const server = await listenOn(world.dashboard)
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  try {
    const paints = new Map<string, number[]>(PLACES.map((place) => [place, []]))
    let transferredBytes = 0
    for (let round = 0; round < ROUNDS; round++) {
      for (const place of PLACES) {
        const context = await browser.newContext({ viewport: { width: 1200, height: 800 } })
        const page = await context.newPage()
        await page.goto(server.url + world.dashboard.createLoginPath(60_000))
        const transferred = await countTransferred(page)
        await page.goto(`${server.url}/dashboard${place}`, { waitUntil: 'load' })
        if (['/money', '/speed', '/governance'].includes(place)) await page.locator('.curve canvas').first().waitFor()
        paints.get(place)?.push(Number(await page.evaluate(FIRST_PAINT)))
        transferredBytes = Math.max(transferredBytes, transferred())
        await context.close()
      }
    }
    return { firstPaintMs: Math.max(...[...paints.values()].map((all) => percentile(all, 0.5))), transferredBytes }
  } finally {
    await browser.close()
    await server.stop()
    await world.store.close()
  }
}

const FIRST_PAINT = `new Promise((done) => new PerformanceObserver((list, watch) => {
  for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') { watch.disconnect(); done(startTime) }
}).observe({ type: 'paint', buffered: true }))`
