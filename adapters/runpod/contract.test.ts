import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, test } from 'vitest'
import { podName } from '../../ports/ids.ts'
import type { PodSpec } from '../../ports/pods.ts'
import { createPodBody } from './create-body.ts'
import { podListReply, podReply } from './schema.ts'

const DOCUMENT = fileURLToPath(new URL('../../../shared/contracts/runpod-openapi.json', import.meta.url))
const SHA256 = '688c7b6f1d5386f04aa6d029b1c744fa11686540350e4411e8f3abe4bbf33d38'
const isPresent = existsSync(DOCUMENT)

/** Fields that the live API is documented to take although the stored copy refuses them (contracts/README.md). Nothing is sent of them. */
const REVIEWED_EXCEPTIONS: readonly string[] = []

const SPEC: PodSpec = {
  name: podName.parse('devloop-abcd1234-01hzzzzzzzzzzzzzzzzzzzzzzz-xabc'),
  candidate: { gpu: 'NVIDIA GeForce RTX 4090', cloud: 'SECURE', dataCenterIds: [] },
  image: 'ghcr.io/devloop/pod:1',
  diskGb: 40,
  env: { GUARD_TOKEN: 'a-token-of-one-pod' },
  httpPort: 8080,
  networkVolume: null,
  minCudaVersion: '12.4',
}

const SPECS: readonly (readonly [string, PodSpec])[] = [
  ['secure, anywhere', SPEC],
  ['secure, in given data centres', { ...SPEC, candidate: { ...SPEC.candidate, dataCenterIds: ['US-KS-2'] } }],
  ['secure, with a volume', { ...SPEC, networkVolume: { volumeId: 'vol1', path: '/workspace' } }],
  ['community', { ...SPEC, candidate: { ...SPEC.candidate, cloud: 'COMMUNITY', dataCenterIds: ['US-KS-2'] } }],
]

describe.skipIf(!isPresent)(`against the vendor's document (skipped where ../shared/contracts is absent)`, () => {
  test('the stored copy is unchanged', () => {
    expect(createHash('sha256').update(readFileSync(DOCUMENT)).digest('hex')).toBe(SHA256)
  })

  test.each(SPECS)('the create body fits the request schema: %s', (_, spec) => {
    const validate = validator('CreatePodRequest')
    const body = JSON.parse(JSON.stringify(createPodBody(spec)))
    expect(validate(body)).toEqual([])
    expect(Object.keys(body).filter((key) => REVIEWED_EXCEPTIONS.includes(key))).toEqual([])
  })

  test('a body with an unknown field is refused, so the judge can refuse', () => {
    expect(validator('CreatePodRequest')({ ...createPodBody(SPEC), terminateAfter: 'soon' })).not.toEqual([])
  })

  test("the document's own example pod is read", () => {
    const { paths } = JSON.parse(readFileSync(DOCUMENT, 'utf8'))
    const examples = paths['/v2/pods'].get.responses['200'].content['application/json'].examples
    for (const { value } of Object.values<{ value: unknown }>(examples)) {
      expect(podListReply.parse(value).pods.length).toBeGreaterThan(0)
    }
  })
})

test('the body always names count, disk and ports; community goes without data centres', () => {
  const body = createPodBody({
    ...SPEC,
    candidate: { ...SPEC.candidate, cloud: 'COMMUNITY', dataCenterIds: ['US-KS-2'] },
  })
  expect(body).toEqual({
    name: SPEC.name,
    image: SPEC.image,
    gpu: { id: 'NVIDIA GeForce RTX 4090', count: 1, minCudaVersion: '12.4' },
    cloud: 'COMMUNITY',
    disk: 40,
    ports: ['8080/http'],
    env: SPEC.env,
  })
})

test.each([
  ['unknown fields and an empty runtime', { id: 'p', name: 'n', status: 'RUNNING', runtime: {}, news: 1, cost: 0.69 }],
  ['a status of tomorrow', { id: 'p', name: 'n', status: 'PAUSED' }],
  ['a pod without its GPU', { id: 'p', name: 'n', status: 'RUNNING', gpu: { id: 'x', count: 0 } }],
])('%s are read leniently, and env is dropped', (_, reply) => {
  const pod = podReply.parse({ ...reply, env: { GUARD_TOKEN: 'secret-of-a-pod' } })
  expect(JSON.stringify(pod)).not.toContain('secret-of-a-pod')
})

/** Answers what is wrong with a value, by one schema of the document. */
function validator(name: string): (value: unknown) => readonly unknown[] {
  const { components } = JSON.parse(readFileSync(DOCUMENT, 'utf8'))
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  const validate = ajv.compile({ $ref: `#/components/schemas/${name}`, components })
  return (value) =>
    validate(value) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message}`)
}
