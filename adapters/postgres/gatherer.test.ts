import { expect, it } from 'vitest'
import { createGatherer } from './gatherer.ts'

function doubling() {
  const statements: (readonly number[])[] = []
  const double = createGatherer<number, number>(
    async (items) => {
      statements.push(items)
      await new Promise(setImmediate)
      if (items.includes(13)) throw new Error(`no ${items.join()}`)
      return items.map((item) => item * 2)
    },
    (item) => String(item),
  )
  return { statements, double }
}

it('carries out together what is asked for at once, and what comes meanwhile in the next', async () => {
  const { statements, double } = doubling()
  const first = [1, 2, 3].map(double)
  await Promise.resolve()
  await Promise.resolve()
  const second = [4, 5].map(double)
  expect(await Promise.all([...first, ...second])).toEqual([2, 4, 6, 8, 10])
  expect(statements).toEqual([
    [1, 2, 3],
    [4, 5],
  ])
})

it('never puts one row twice into a statement', async () => {
  const { statements, double } = doubling()
  expect(await Promise.all([1, 2, 1, 1].map(double))).toEqual([2, 4, 2, 2])
  expect(statements).toEqual([[1, 2], [1], [1]])
})

it('lets one that fails take nobody with it', async () => {
  const { statements, double } = doubling()
  const ends = await Promise.allSettled([1, 13, 2].map(double))
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  expect(ends[1]).toMatchObject({ reason: new Error('no 13') })
  expect(statements).toEqual([[1, 13, 2], [1], [13], [2]])
  expect(await double(4)).toBe(8)
})
