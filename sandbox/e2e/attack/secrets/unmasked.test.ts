import { join } from 'node:path'
import { afterAll, expect, it, vi } from 'vitest'
import { talkAbout, talkToEchoes } from './conversation.ts'
import { findHits } from './find-hits.ts'
import { openLeakyChange } from './leaky-change.ts'
import { readDatabase } from './read-database.ts'
import { startSweepWorld } from './sweep-world.ts'

// The same product with every mask taken off: the sweep must find what then leaks.
vi.mock('../../../../adapters/system/redact.ts', () => ({
  redact: (value: unknown) => value,
  redactText: (text: string) => text,
}))
vi.mock('../../../../ports/without-secrets.ts', () => ({
  withoutSecrets: (text: string) => text,
  secretOf: (text: string) => text,
}))
vi.mock('../../../../review/secrets/mask.ts', () => {
  const same = (text: string) => text
  return { maskSign: '[secret:', maskSecrets: same, maskPlaces: same, maskFor: () => same }
})

const world = await startSweepWorld()
afterAll(() => world.stop())

it('without masks the sweep finds committed secrets, tokens of the App and tokens of pods', async () => {
  const change = await openLeakyChange(world, 'acme/leaky')
  await talkToEchoes(world, (command) => /third|sixth/.test(command))
  await talkAbout(world, change)
  await world.stopServer()
  const logs = { source: 'log', text: world.logs.join('') }
  const evidence = [logs, ...world.told(), ...(await readDatabase(join(world.folder, 'data')))]
  const hits = findHits(evidence, [...world.canaries(), ...change.canaries]).join('\n')
  for (const leak of [
    /pod token in log/,
    /pod token in github POST/,
    /installation token in github PATCH/,
    /installation token in table devloop\.job /,
    /committed token in runpod POST .*api\/chat/,
    /committed key in table devloop\.job_step/,
    /assigned secret in table devloop\.job_step/,
    /committed password in table devloop\.delivery/,
    /committed token in table devloop\.verdict/,
  ])
    expect(hits).toMatch(leak)
}, 300_000)
