import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { routeOf } from './route.ts'

describe('what passes the guard', () => {
  test.each([
    ['POST', '/api/chat', true],
    ['POST', '/api/generate', true],
    ['POST', '/api/embed', true],
    ['POST', '/v1/chat/completions', true],
    ['POST', '/v1/embeddings', true],
    ['GET', '/api/tags', false],
    ['GET', '/api/ps', false],
    ['POST', '/api/show', false],
    ['GET', '/api/version', false],
    ['HEAD', '/api/version', false],
    ['GET', '/v1/models?x=1', false],
  ])('%s %s', (method, target, isUse) => {
    expect(routeOf(method, target)).toMatchObject({ kind: 'forward', isUse })
  })

  test.each(['pull', 'create', 'delete', 'push', 'copy', 'blobs', 'embeddings', 'blobs/sha256:0'])(
    '/api/%s never does',
    (name) => {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
        expect(routeOf(method, `/api/${name}`).kind).toBe('refuse')
      }
    },
  )

  test.each([
    '/debug/pprof/heap',
    '/api/chat/../pull',
    '/api/%70ull',
    '/api%2Fpull',
    '//api/chat',
    '/api//chat',
    '/api/chat/',
    '/api/./chat',
    '/api/chat%00',
    '/api/chat;x=1',
    '/api\\pull',
    'http://127.0.0.1:11434/api/chat',
    '*',
    '',
    '/',
    '/api/chat#x',
    '/api/chat?a?b',
    '/API/CHAT',
    '/__proto__',
    '/constructor',
    '/guard/status/../../api/pull',
  ])('refuses the target %j', (target) => {
    for (const method of ['GET', 'POST']) expect(routeOf(method, target).kind).toBe('refuse')
  })

  test.each(['/api/chat/../pull', '/api/%70ull', '//api/chat', '/api/chat/', 'http://x/api/chat'])(
    '%s is 400 already for its form',
    (target) => {
      expect(routeOf('POST', target)).toMatchObject({ status: 400 })
    },
  )

  test('a known path with another method is 405, an unknown one 404', () => {
    expect(routeOf('DELETE', '/api/chat')).toMatchObject({ status: 405 })
    expect(routeOf('POST', '/guard/status')).toMatchObject({ status: 405 })
    expect(routeOf('GET', '/api/pull')).toMatchObject({ status: 404 })
  })

  test('whatever the target, only listed paths are passed on as they stand', () => {
    const piece = fc.constantFrom(
      '/',
      '.',
      '..',
      '%2e',
      '%2f',
      'api',
      'chat',
      'pull',
      'guard',
      '?',
      '#',
      '\\',
      ':',
      '@',
      ' ',
      'é',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const target = pieces.join('')
        const route = routeOf('POST', target)
        if (route.kind === 'forward') expect(target.split('?')[0]).toBe(route.path)
        if (route.kind === 'forward') expect(['/api/chat']).toContain(route.path)
      }),
      { numRuns: 2_000 },
    )
  })
})
