import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { OllamaClient } from '../../../../adapters/ollama/client.ts'
import { HttpGuardClient } from '../../../../adapters/ollama/guard.ts'
import { RunpodClient } from '../../../../adapters/runpod/client.ts'
import { RunpodPods } from '../../../../adapters/runpod/pods.ts'
import { systemClock } from '../../../../adapters/system/system-clock.ts'
import { readGithubPerson } from '../../../../app/dashboard/github-login.ts'
import { httpFetch } from '../../../../parts/http.ts'
import { openTokenRepository } from '../../../../parts/token-repository.ts'
import { createSeededRandom } from '../../../../ports/fakes/seeded-random.ts'
import { silentLog } from '../../../../ports/log.ts'
import { ACTORS } from '../authorisation/actors.ts'
import { type Door, openDoor } from '../authorisation/door.ts'
import { type Listening, listenWith, openTrap } from './trap.ts'

let trap: Listening
let vendor: Listening
let answer: (trap: string) => {
  readonly status: number
  readonly headers: Record<string, string>
  readonly body?: string
}
beforeAll(async () => {
  trap = await openTrap()
  vendor = await listenWith((_, response) => {
    const { status, headers, body = '{}' } = answer(trap.url)
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
  })
})
beforeEach(() => {
  answer = (to) => ({ status: 307, headers: { location: `${to}/latest/meta-data/` } })
})
afterAll(async () => {
  await trap.stop()
  await vendor.stop()
})

const signal = AbortSignal.timeout(20_000)
const address = () => ({ url: vendor.url, token: 'a-token-of-a-pod' })
const runpod = () =>
  new RunpodClient({
    fetch: httpFetch,
    apiUrl: `${vendor.url}/v2`,
    apiKey: () => 'the-account-key',
    clock: { ...systemClock, sleep: async () => {} },
    random: createSeededRandom(1),
    log: silentLog,
  })
const call = { totalMs: 5_000, silenceMs: 5_000, signal }

const DOORS: readonly (readonly [vendor: string, ask: () => Promise<unknown>])[] = [
  ['GitHub', () => openTokenRepository({ apiUrl: vendor.url, token: 't', repository: 'a/b' }).access.defaultBranch()],
  ['RunPod', () => new RunpodPods(runpod(), 'x').list(signal)],
  ['Ollama', () => new OllamaClient(httpFetch, address()).json({ method: 'GET', path: '/api/tags', ...call })],
  ['a guard', () => new HttpGuardClient(httpFetch).status(address(), signal)],
  [
    "GitHub's log-in",
    async () => {
      const github = {
        clientId: 'c',
        clientSecret: { reveal: () => 'the-client-secret' },
        apiUrl: vendor.url,
        fetch: httpFetch as never,
        scopesOf: async () => [],
      }
      await readGithubPerson(github, vendor.url, 'code')
    },
  ],
]

describe('a vendor that sends us elsewhere', () => {
  it.each(DOORS)(
    '%s: is not followed',
    async (_, ask) => {
      await expect(ask()).rejects.toThrow()
      expect(trap.seen).toEqual([])
    },
    20_000,
  )

  it('would be followed by a careless client, key in hand', async () => {
    await fetch(vendor.url, { method: 'POST', body: 'client_secret=x' })
    expect(trap.seen.map(({ body }) => body)).toEqual(['client_secret=x'])
    ;(trap.seen as unknown[]).length = 0
  })

  it('pages of a list are asked for where the list is, whatever Link says', async () => {
    answer = (to) => ({
      status: 200,
      headers: { link: `<${to}/x?page=2>; rel="next", <${to}/x?page=2>; rel="last"` },
      body: '[]',
    })
    await openTokenRepository({ apiUrl: vendor.url, token: 't', repository: 'a/b' }).comments.list(1)
    expect(vendor.seen.filter(({ path }) => path.includes('page=2'))).toHaveLength(1)
    expect(trap.seen).toEqual([])
  })

  it.each(['evil.test/', '..', 'a@evil.test:80/', 'x#', 'x?', 'a b', 'a\r\nx: y', '', 'é', 'a'.repeat(65)])(
    'a pod called %j is none',
    async (id) => {
      answer = () => ({
        status: 200,
        headers: {},
        body: JSON.stringify({ pods: [{ id, name: 'n', status: 'RUNNING' }] }),
      })
      await expect(new RunpodPods(runpod(), 'https://{podId}-{port}.proxy.test').list(signal)).rejects.toMatchObject({
        code: 'unreadable',
      })
    },
  )
})

describe('a delivery full of addresses', () => {
  let door: Door
  beforeAll(async () => {
    door = await openDoor()
  })
  afterAll(() => door.stop())

  it('leads nowhere but to GitHub', async () => {
    const [place] = door.places
    const [owner] = ACTORS
    if (place === undefined || owner === undefined) return expect.fail('no place')
    const urls = Object.fromEntries(
      ['url', 'html_url', 'comments_url', 'pulls_url', 'diff_url', 'patch_url', 'clone_url', 'contents_url'].map(
        (name) => [name, `${trap.url}/${name}`],
      ),
    )
    const observed = await door.say(owner, place, `/devloop status\n${trap.url}/in-a-comment`, {
      repository: { ...urls, full_name: place.repository },
      issue: { ...urls, number: place.number, pull_request: urls },
      sender: { ...urls, login: 'alice', type: 'User' },
    })
    expect(observed.effect).toBe('done')
    expect(trap.seen).toEqual([])
  })

  it.each(['..', '../..', './x', 'a/..', 'a/b/c', 'a/b?x', 'a/b#', 'a b/c', 'a%2f..%2f/b'])(
    'about a repository called %j is not heard',
    async (full_name) => {
      const [place] = door.places
      const [owner] = ACTORS
      if (place === undefined || owner === undefined) return expect.fail('no place')
      expect((await door.say(owner, place, '/devloop pause', { repository: { full_name } })).effect).toBe('not heard')
    },
  )
})
