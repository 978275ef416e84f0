import { expect, it } from 'vitest'
import { routeOf } from './route.ts'

const KEY = 'k'.repeat(48)
const route = (method: string, target: string, authorization?: string) =>
  routeOf({ method, target, authorization }, KEY)

it.each([
  ['GET', `/${KEY}/api/tags`, undefined, { kind: 'forward', path: '/api/tags' }],
  ['POST', `/${KEY}/v1/chat/completions`, 'Bearer somebody-elses', { kind: 'forward', path: '/v1/chat/completions' }],
  ['POST', '/api/chat', `Bearer ${KEY}`, { kind: 'forward', path: '/api/chat' }],
  ['POST', '/infer', `bearer ${KEY}`, { kind: 'infer' }],
  ['GET', '/status?x=1', `Bearer ${KEY}`, { kind: 'status' }],
])('%s %s with the key goes on', (method, target, authorization, expected) => {
  expect(route(method, target, authorization)).toEqual(expected)
})

it.each([
  ['GET', '/api/tags', undefined, 401],
  ['GET', '/api/tags', `Basic ${KEY}`, 401],
  ['GET', `/${KEY.slice(1)}/api/tags`, undefined, 401],
  ['GET', '//api/tags', 'Bearer ', 401],
  ['DELETE', '/api/tags', `Bearer ${KEY}`, 405],
  ['POST', '/api/pull', `Bearer ${KEY}`, 404],
  ['POST', `/${KEY}/guard/heartbeat`, undefined, 404],
  ['GET', `/${KEY}/api/../guard/status`, undefined, 404],
  ['GET', '/__proto__', `Bearer ${KEY}`, 404],
])('%s %s is refused', (method, target, authorization, status) => {
  expect(route(method, target, authorization)).toMatchObject({ kind: 'refuse', status })
})
