import { expect, it } from 'vitest'
import { shapeless } from './canary.ts'
import { findHits } from './find-hits.ts'

const canary = { name: 'key', value: shapeless() }
const filler = 'x'.repeat(5_000)

it.each<[string, (value: string) => string]>([
  ['in clear', (value) => value],
  ['its first half', (value) => value.slice(0, 16)],
  ['its last half', (value) => value.slice(-16)],
  ['in base64', (value) => Buffer.from(value).toString('base64')],
  ['in base64, behind a name', (value) => Buffer.from(`u:${value}:rest`).toString('base64')],
  ['in base64, behind another', (value) => Buffer.from(`me:${value}`).toString('base64url')],
  ['in hex', (value) => Buffer.from(value).toString('hex')],
  ['in capital hex', (value) => Buffer.from(value).toString('hex').toUpperCase()],
  ['backwards', (value) => [...value].toReversed().join('')],
  ['over two lines of a log', (value) => `{"msg":"${value.slice(0, 9)}\\n${value.slice(9)}"}`],
  ['over two lines', (value) => `${value.slice(0, 7)}\n  ${value.slice(7)}`],
])('a secret %s is found', (_, write) => {
  expect(findHits([{ source: 'log', text: filler + write(canary.value) + filler }], [canary])).toHaveLength(1)
})

it('where it belongs, and where it is not, nothing is found', () => {
  const own = { ...canary, mayStandIn: ['vault'] }
  expect(findHits([{ source: 'vault 1', text: canary.value }], [own])).toEqual([])
  expect(findHits([{ source: 'log', text: filler }], [canary])).toEqual([])
})
