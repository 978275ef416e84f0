import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMemoryStore } from '../adapters/memory/memory-store.ts'
import { createSystemRandom } from '../adapters/system/system-random.ts'
import { createFakeClock } from '../ports/fakes/fake-clock.ts'
import { localInstallId, sharedInstallId } from './install-id.ts'
import { readEnvironment } from './read-environment.ts'

const random = createSystemRandom()
let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'devloop-install-id-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const environmentOf = (replica: string, more: Record<string, string> = {}) =>
  readEnvironment({ DEVLOOP_DATA: join(folder, replica), ...more }, folder)
const DATABASE = { DATABASE_URL: 'postgres://localhost/devloop' }

test('replicas with folders of their own agree on one id, and their commands find it', async () => {
  const { facts } = createMemoryStore({ clock: createFakeClock() })
  const ids = await Promise.all(
    ['a', 'b', 'c'].map(async (replica) => {
      const environment = environmentOf(replica, DATABASE)
      return sharedInstallId(environment, await localInstallId(environment, random), facts)
    }),
  )
  expect(new Set(ids).size).toBe(1)
  for (const replica of ['a', 'b', 'c']) {
    expect((await readFile(join(folder, replica, 'install-id'), 'utf8')).trim()).toBe(ids[0])
    expect(await localInstallId(environmentOf(replica), random)).toBe(ids[0])
  }
})

test.each([
  ['without a database to share', {}],
  ['with DEVLOOP_DEPLOYMENT', { ...DATABASE, DEVLOOP_DEPLOYMENT: 'abcd1234' }],
])('an id stays as it is %s', async (_when, variables) => {
  const { facts } = createMemoryStore({ clock: createFakeClock() })
  const environment = environmentOf('a', variables)
  const own = await localInstallId(environment, random)
  expect(await sharedInstallId(environment, own, facts)).toBe(own)
  expect(await facts.get('install-id')).toBeUndefined()
})
