import { describe, expect, it } from 'vitest'
import { assertClone } from './clone.ts'

describe('the sandbox', () => {
  it('is there in a clone', () => {
    expect(() => assertClone()).not.toThrow()
  })

  it('is refused with one sentence and a remedy in the package', () => {
    expect(() => assertClone('file:///usr/lib/node_modules/devloop/dist/devloop.js')).toThrow(
      expect.objectContaining({
        code: 'not-found',
        message: 'The sandbox comes with a clone of DevLoop, not with the npm package.',
        remedy: expect.stringContaining('npm run demo'),
      }),
    )
  })
})
