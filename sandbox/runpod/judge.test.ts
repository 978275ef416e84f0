import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { hasContract, openJudge } from './judge.ts'
import { type EmulatedRunpod, startRunpod } from './start.ts'

const pod = {
  name: 'a',
  image: 'x:1',
  gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1 },
  disk: 20,
  ports: ['8080/http'],
}

describe.skipIf(!hasContract())(
  'the vendor’s document (skipped: ../shared/contracts is not beside this checkout)',
  () => {
    const judge = openJudge()
    let runpod: EmulatedRunpod | undefined
    afterAll(() => runpod?.stop())

    test('is the copy that was reviewed', () => {
      const text = readFileSync(new URL('../../../shared/contracts/runpod-openapi.json', import.meta.url))
      const known = '688c7b6f1d5386f04aa6d029b1c744fa11686540350e4411e8f3abe4bbf33d38'
      expect(createHash('sha256').update(text).digest('hex')).toBe(known)
    })

    test.each([
      ['a body that is right', 'CreatePodRequest', pod, 0],
      [
        'the reviewed newer fields',
        'CreatePodRequest',
        { ...pod, cmd: ['serve'], gpu: { ...pod.gpu, minRamPerGpu: 8 } },
        0,
      ],
      ['a typo in a property', 'CreatePodRequest', { ...pod, dataCenterId: ['EU-RO-1'] }, 1],
      ['a wrong enum', 'CreatePodRequest', { ...pod, cloud: 'ALL' }, 1],
      ['a missing required field', 'CreatePodRequest', { ...pod, name: undefined }, 1],
      ['an unknown action', 'PodActionRequest', { action: 'reset' }, 1],
      ['a problem without its status', 'ErrorResponse', { title: 'x', detail: 'y' }, 1],
      ['a pod without fields', 'Pod', { id: 'x' }, 10],
    ])('judges %s', (_name, schema, body, least) => {
      const found = judge?.violations(schema, JSON.parse(JSON.stringify(body))) ?? []
      if (least === 0) expect(found).toEqual([])
      else expect(found.length).toBeGreaterThanOrEqual(least)
    })

    test('finds nothing in what the emulation answers', async () => {
      runpod = await startRunpod({ podRuntime: 'none', boot: { provisioningMs: 0, startingMs: 0 } })
      const { url, apiKey } = runpod
      const call = async (method: string, path: string, body?: unknown): Promise<{ id?: string }> => {
        const reply = await fetch(`${url}${path}`, {
          method,
          headers: { authorization: `Bearer ${apiKey}` },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
        return reply.status === 204 ? {} : ((await reply.json()) as { id?: string })
      }
      const { id } = await call('POST', '/v2/pods'.slice(3), pod)
      runpod.advance(1_000)
      const paths = [
        '/pods',
        `/pods/${id}`,
        '/catalog/gpus?include=AVAILABILITY&product=POD',
        '/catalog/datacenters?include=GPU_AVAILABILITY',
      ]
      for (const path of [...paths, '/billing/pods?bucketSize=hour', '/network-volumes', '/pods/none'])
        await call('GET', path)
      await call('PATCH', `/pods/${id}`, { name: 'b', locked: true })
      await call('POST', `/pods/${id}/action`, { action: 'restart' })
      await call('POST', '/network-volumes', { name: 'v', size: 20, dataCenter: 'EU-RO-1' })
      await call('POST', '/pods', { ...pod, cloud: 'ALL' })
      expect(runpod.calls.map((made) => made.status)).toEqual([
        201, 200, 200, 200, 200, 200, 200, 404, 200, 200, 201, 422,
      ])
      expect(runpod.violations()).toEqual([])
    })
  },
)
