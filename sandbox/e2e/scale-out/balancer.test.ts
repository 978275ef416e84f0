import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { type Balancer, type BalancerOptions, startBalancer } from './balancer.ts'

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** A replica that keeps the bodies it was sent, and cuts the connection instead of answering when told to. */
async function startReplica(answers: 'answers' | 'cuts' = 'answers') {
  const bodies: string[] = []
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const piece of request) body += piece
    bodies.push(body)
    if (answers === 'cuts') request.socket.destroy()
    else response.end('done')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  ends.push(() => server.close())
  return { bodies, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** An address where nobody listens. */
async function refusing(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

async function balance(
  targets: readonly (string | null)[],
  more: Partial<BalancerOptions> = {},
): Promise<Pick<Balancer, 'url' | 'served'>> {
  const balancer = await startBalancer({ targets: () => targets, ...more })
  ends.push(() => void balancer.stop())
  return balancer
}

const post = (url: string, body: string) => fetch(url, { method: 'POST', body })

describe('the balancer', () => {
  test('goes round', async () => {
    const replicas = await Promise.all([startReplica(), startReplica(), startReplica()])
    const { url, served } = await balance(replicas.map((replica) => replica.url))
    for (const body of ['a', 'b', 'c', 'd']) expect(await (await post(url, body)).text()).toBe('done')
    expect(replicas.map(({ bodies }) => bodies)).toEqual([['a', 'd'], ['b'], ['c']])
    expect(served).toEqual([2, 1, 1])
  })

  test('tries the next replica where a connection is refused', async () => {
    const replica = await startReplica()
    const { url } = await balance([await refusing(), null, replica.url])
    expect((await post(url, 'a')).status).toBe(200)
    expect(replica.bodies).toEqual(['a'])
  })

  test('sends nothing again that may have arrived', async () => {
    const [cutting, other] = [await startReplica('cuts'), await startReplica()]
    const { url } = await balance([cutting.url, other.url])
    expect((await post(url, 'a')).status).toBe(502)
    expect([cutting.bodies, other.bodies]).toEqual([['a'], []])
  })

  test('answers 503 where nobody listens', async () => {
    const { url } = await balance([await refusing(), null])
    expect((await post(url, 'a')).status).toBe(503)
  })

  test.each([
    ['request', []],
    ['reply', ['a']],
  ] as const)('loses a %s when told to', async (loss, arrived) => {
    const replica = await startReplica()
    const { url } = await balance([replica.url], { loses: () => loss })
    expect((await post(url, 'a')).status).toBe(502)
    expect(replica.bodies).toEqual(arrived)
  })

  test('that replays sends everything twice', async () => {
    const replicas = [await startReplica(), await startReplica()]
    const { url } = await balance(
      replicas.map((replica) => replica.url),
      { replays: true },
    )
    await post(url, 'a')
    expect(replicas.map(({ bodies }) => bodies)).toEqual([['a'], ['a']])
  })
})
