import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findPostgresBinaries } from '../../postgres/find-binaries.ts'
import { NO_POSTGRES, startPostgres, type ThrowawayPostgres } from '../../postgres/start-postgres.ts'
import type { Effort } from './line.ts'
import { LINES } from './lines.ts'

const hasPostgres = (await findPostgresBinaries(process.env.PATH)) !== undefined
/** All lines, long, and with every broken variant: `npm run scale-out`. */
const SHORT = ['deliveries', 'fence', 'rolling-restart', 'two-versions', 'budget']

describe.skipIf(!hasPostgres)(hasPostgres ? 'three replicas on one PostgreSQL' : NO_POSTGRES, () => {
  let postgres: ThrowawayPostgres | null = null
  beforeAll(async () => {
    postgres = await startPostgres()
  })
  afterAll(async () => {
    await postgres?.stop()
  })
  const effort = (): Effort => {
    if (postgres === null) throw new Error(NO_POSTGRES)
    return { postgres, quick: true, seconds: 2, perSecond: 20, kills: 1 }
  }

  test.each(LINES.filter(({ id }) => SHORT.includes(id)))(
    '$claim',
    async ({ look }) => {
      const { faults, figures } = await look(effort())
      expect(faults, JSON.stringify(figures)).toEqual([])
    },
    150_000,
  )

  test('without the locks under which is counted the budget is seen to be passed', async () => {
    const budget = LINES.find(({ id }) => id === 'budget')
    expect((await budget?.lookBroken(effort()))?.faults).not.toEqual([])
  }, 60_000)
})
