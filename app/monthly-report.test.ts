import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runInProcess } from '../cli/__support__/run-in-process.ts'
import { defaultConfig } from '../config/resolved-config.ts'
import { openLocalStore } from '../parts/local-store.ts'
import { readEnvironment } from '../parts/read-environment.ts'
import { type Shop, startShop } from '../sandbox/github/__support__/start-shop.ts'
import { seedStore } from './dashboard/__support__/seed.ts'
import { type RunningServer, startServer } from './main.ts'

const today = new Date()
/** The middle of the month that is over. */
const seededAt = Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - 1, 15, 12)
const month = new Date(seededAt).toISOString().slice(0, 7)
const path = `usage/${month}.md`

let shop: Shop
let folder: string
let server: RunningServer | undefined
const variables = () => ({
  APP_ID: String(shop.registration.id),
  PRIVATE_KEY: shop.registration.privateKeyPem,
  WEBHOOK_SECRET: shop.registration.webhookSecret ?? '',
  GITHUB_API_URL: shop.github.url,
  DEVLOOP_ENGINE: 'http://127.0.0.1:9',
  DEVLOOP_DATA: join(folder, '.devloop'),
  PORT: '0',
  LOG_LEVEL: 'silent',
})
const start = async (more: Readonly<Record<string, string>> = {}) => {
  const config = defaultConfig()
  server = await startServer({
    environment: readEnvironment({ ...variables(), ...more }, folder),
    config: { ...config, report: { repository: 'acme/shop', branch: 'gh-pages', path: 'usage/{month}.md' } },
    controllerOnly: false,
    version: '0.0.0',
    logFormat: 'json',
    colour: false,
  })
  return server
}
const stop = async () => {
  await server?.stop()
  server = undefined
}
const commits = async () =>
  (await shop.asApp('GET', `/repos/acme/shop/commits?sha=gh-pages&path=${encodeURIComponent(path)}`)).list
const until = async (isTrue: () => Promise<boolean>) => {
  for (let tries = 0; !(await isTrue()) && tries < 300; tries++) await new Promise((done) => setTimeout(done, 20))
  expect(await isTrue()).toBe(true)
}

beforeAll(async () => {
  shop = await startShop({
    permissions: { contents: 'read', checks: 'write', pull_requests: 'write', issues: 'write' },
  })
  await shop.alice.push('gh-pages', { 'index.html': '<title>ours</title>\n' }, 'Begin the pages', { from: 'main' })
  folder = await mkdtemp(join(tmpdir(), 'devloop-report-'))
  const opened = await openLocalStore(readEnvironment(variables(), folder))
  await seedStore(opened.store, seededAt, (text) => text)
  await opened.close(0)
}, 30_000)
afterAll(async () => {
  await stop()
  await shop.stop()
  await rm(folder, { recursive: true, force: true })
})

it('is committed once, by a token for that one repository, with the numbers that devloop report shows', async () => {
  await start({ REPORT_TOKEN: shop.github.createPersonalToken('alice') })
  await until(async () => (await commits()).length === 1)
  for (const _ of [1, 2]) await server?.parts.queue.send('upkeep', { subject: 'report', key: 'report' })
  await until(async () => (await server?.parts.queue.depth())?.upkeep.waiting === 0)
  await stop()

  const { json } = await shop.asApp('GET', `/repos/acme/shop/contents/${path}?ref=gh-pages`)
  const page = Buffer.from(String(json.content), 'base64').toString('utf8')
  const env = { ...variables(), DEVLOOP_DATA: join(folder, '.devloop') }
  expect((await runInProcess(['report', '--month', month], { cwd: folder, env })).stdout).toBe(page)
  for (const line of ['| spent | $1.', '| jobs | 42 | 0 |', '- acme/shop: $0.', '`plan/scope` by ada: Hotfix'])
    expect(page).toContain(line)

  await start({ REPORT_TOKEN: shop.github.createPersonalToken('alice') })
  await until(async () => (await server?.parts.store.facts.get('upkeep:last')) !== undefined)
  expect(await commits()).toHaveLength(1)
}, 60_000)
