import { beforeEach, describe, expect, it } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import type { ReportConfig } from '../config/resolved-config.ts'
import { HEAD_SHA, REPOSITORY } from '../ports/contracts/samples.ts'
import { createFakeClock, type FakeClock } from '../ports/fakes/fake-clock.ts'
import { silentLog } from '../ports/log.ts'
import { microUsd } from '../ports/money.ts'
import type { Store } from '../ports/store.ts'
import { publishReport, REPORT_FACT, REPORT_PROBLEM_FACT } from './publish-report.ts'

const DAY_MS = 86_400_000
const config: ReportConfig = { repository: 'acme/reports', branch: 'gh-pages', path: 'usage/{month}.md' }
let clock: FakeClock
let store: Store
let files: Map<string, string>
let commits: string[]

beforeEach(async () => {
  clock = createFakeClock(Date.UTC(2026, 11, 1, 3))
  store = createMemoryStore({ clock })
  files = new Map()
  commits = []
  await charge('one', Date.UTC(2026, 10, 5))
})

const charge = (jobId: string, at: number) =>
  store.ledger.chargeJob({ jobId, podName: 'p', repository: 'acme/shop', microUsd: microUsd(30_000), gpuMs: 1, at })

const publish = (over: Partial<ReportConfig> = {}) =>
  publishReport({
    store,
    clock,
    log: silentLog,
    config: { ...config, ...over },
    openContents: async () => ({
      readFile: async (path, ref) => files.get(`${ref}:${path}`) ?? null,
      writeFile: async ({ path, branch, text, message }) => {
        files.set(`${branch}:${path}`, text)
        commits.push(`${message} (${path} on ${branch})`)
      },
    }),
  })

describe('the monthly report', () => {
  it('is committed once for the month that is over', async () => {
    expect([await publish(), await publish(), await publish()]).toEqual(['published', 'known', 'known'])
    expect(commits).toEqual(['DevLoop in 2026-11: usage report (usage/2026-11.md on gh-pages)'])
    expect(files.get('gh-pages:usage/2026-11.md')).toContain('# DevLoop in 2026-11')
  })

  it('waits until the last evening is settled, and comes late rather than never', async () => {
    clock.jump(-2 * 3_600_000)
    expect(await publish()).toBe('nothing')
    await charge('before', Date.UTC(2026, 9, 5))
    expect(await publish()).toBe('published')
    clock.jump(20 * DAY_MS)
    expect(await publish()).toBe('published')
    expect(commits.map((line) => line.slice(0, 18))).toEqual(['DevLoop in 2026-10', 'DevLoop in 2026-11'])
  })

  it('finds the page again when its own note is lost', async () => {
    await publish()
    await store.facts.delete(REPORT_FACT)
    await charge('late', Date.UTC(2026, 10, 29))
    expect(await publish()).toBe('known')
    expect(commits).toHaveLength(1)
  })

  it('replaces the page each month where the path names none', async () => {
    await publish({ path: 'index.md' })
    clock.jump(31 * DAY_MS)
    expect(await publish({ path: 'index.md' })).toBe('published')
    expect(files.get('gh-pages:index.md')).toContain('# DevLoop in 2026-12')
    expect(commits).toHaveLength(2)
  })

  it('is off without a repository, and says nothing of a time before the installation', async () => {
    expect(await publish({ repository: null })).toBe('off')
    clock.jump(-40 * DAY_MS)
    expect(await publish()).toBe('nothing')
    expect(commits).toEqual([])
  })

  it('tries again after a refusal, and says who must let it in', async () => {
    const parts = { store, clock, log: silentLog, config }
    await expect(publishReport({ ...parts, openContents: async () => null })).rejects.toThrow(
      'no way to acme/reports: DevLoop is not installed on it, and there is no REPORT_TOKEN',
    )
    expect(await store.facts.get(REPORT_PROBLEM_FACT)).toMatchObject({
      remedy: expect.stringContaining('REPORT_TOKEN'),
    })
    expect(await publish()).toBe('published')
    expect(await store.facts.get(REPORT_PROBLEM_FACT)).toBeUndefined()
  })

  it('keeps what strangers wrote from becoming Markdown, HTML or Liquid', async () => {
    await store.governance.addWaiver({
      repository: REPOSITORY,
      pullRequest: 7,
      headSha: HEAD_SHA,
      rule: 'plan/scope',
      by: 'ada',
      reason: '![x](https://evil.test/x.png)\n# <script>alert(1)</script> {% include x %} | `a` &lt; **b**',
      at: Date.UTC(2026, 10, 9),
    })
    await publish()
    expect(files.get('gh-pages:usage/2026-11.md')).toContain(
      '- acme/shop#7: `plan/scope` by ada: \\!\\[x\\]\\(https://evil.test/x.png\\) \\# &lt;script>alert\\(1\\)&lt;/script> ' +
        '&#123;% include x %&#125; \\| \\`a\\` &amp;lt; \\*\\*b\\*\\*\n',
    )
  })
})
