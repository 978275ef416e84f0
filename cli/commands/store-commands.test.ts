import { join } from 'node:path'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultConfig } from '../../config/resolved-config.ts'
import { canonicalJson } from '../../governance/canonical-json.ts'
import { evaluate } from '../../governance/evaluate.ts'
import { healthySnapshot } from '../../governance/healthy-snapshot.ts'
import { serializeSnapshot } from '../../governance/snapshot-hash.ts'
import { openLocalStore } from '../../parts/local-store.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { commitSha, repositoryName } from '../../ports/ids.ts'
import { microUsd } from '../../ports/money.ts'
import { runInProcess } from '../__support__/run-in-process.ts'
import { ScratchRepository } from '../__support__/scratch-repository.ts'

describe('commands on the store', () => {
  const scratch = new ScratchRepository({ init: false })
  const run = (...args: string[]) => runInProcess(args, { cwd: scratch.root })
  const at = Date.UTC(2026, 10, 5)
  beforeAll(async () => {
    const config = defaultConfig()
    const snapshot = healthySnapshot(config)
    const verdict = evaluate(snapshot, config)
    const opened = await openLocalStore(readEnvironment({ DEVLOOP_DATA: join(scratch.root, '.devloop') }, scratch.root))
    const row = {
      repository: repositoryName.parse('acme/shop'),
      pullRequest: 7,
      headSha: commitSha.parse('a'.repeat(40)),
      conclusion: verdict.conclusion,
      drift: 2,
      snapshot: serializeSnapshot(snapshot),
      policy: canonicalJson(config),
      createdAt: at,
    }
    await opened.store.governance.addVerdict({ ...row, id: 'same', verdict: JSON.parse(JSON.stringify(verdict)) })
    await opened.store.governance.addVerdict({ ...row, id: 'other', verdict: { conclusion: 'failure' } })
    await opened.store.governance.addWaiver({
      repository: row.repository,
      pullRequest: 7,
      headSha: row.headSha,
      rule: 'plan/scope',
      by: 'ada',
      reason: 'a typo\nonly',
      at,
    })
    const cost = { podName: 'p', gpuMs: 60_000, at }
    await opened.store.ledger.chargeJob({ ...cost, jobId: 'j1', repository: 'acme/shop', microUsd: microUsd(30_000) })
    await opened.store.ledger.chargeJob({ ...cost, jobId: 'j2', repository: null, microUsd: microUsd(10_000) })
    await opened.close()
  }, 30_000)
  afterAll(() => scratch.remove())

  it('judges a stored verdict again and gets the same bytes', async () => {
    const text = await run('replay', 'same')
    expect(text.exitCode).toBe(0)
    expect(text.stdout).toContain('the same bytes as then  acme/shop#7 at aaaaaaa, 2026-11-05T00:00:00.000Z')
    expect(JSON.parse((await run('replay', 'same', '--json')).stdout)).toMatchObject({ isSame: true, drift: 0 })
  })

  it('says no when today’s rules give another verdict', async () => {
    const end = await run('replay', 'other')
    expect(end.exitCode).toBe(1)
    expect(end.stdout).toContain('NOT what was stored')
  })

  it('refuses an id that nothing has', async () => {
    const end = await run('replay', 'nothing')
    expect(end).toMatchObject({ exitCode: 2, stdout: '' })
    expect(end.stderr).toContain('no stored verdict or review nothing')
  })

  it('reports a month in Markdown', async () => {
    const end = await run('report', '--month', '2026-11', '--out', 'november.md')
    expect(end).toMatchObject({ exitCode: 0, stdout: '' })
    const text = readFileSync(join(scratch.root, 'november.md'), 'utf8')
    expect(text).toContain('# DevLoop in 2026-11')
    expect(text).toContain('| jobs | 2 | 0 |')
    expect(text).toMatch(/- acme\/shop: \$0\.03\d*, 1 job\n- the controller: \$0\.01\d*, 1 job/)
    expect(text).toContain('- acme/shop: 2 open plan rules')
    expect(text).toContain('- acme/shop#7: `plan/scope` by ada: a typo only')
    expect((await run('report', '--month', '2026-10')).stdout).toContain('No job was charged.')
  })

  it('refuses a month that is none', async () => {
    const end = await run('report', '--month', '2026-13')
    expect(end).toMatchObject({ exitCode: 2 })
    expect(end.stderr).toContain('--month 2026-13 is no month')
  })
})
