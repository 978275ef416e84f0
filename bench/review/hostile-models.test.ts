import { beforeAll, describe, expect, it } from 'vitest'
import { type HostileRow, hostileRows, hostileTable } from './hostile-models.ts'

describe('a hostile model', () => {
  let rows: readonly HostileRow[] = []
  beforeAll(async () => {
    rows = await hostileRows()
  })

  it('ends as the table in docs says', async () => {
    await expect(hostileTable(rows)).toMatchFileSnapshot('../../docs/hostile-models.md')
  })

  it('never ends in a clean review, and never without a word', () => {
    for (const { behaviour, outcome, reader, how } of rows) {
      expect([behaviour, outcome === 'clean']).toEqual([behaviour, false])
      if (how === 'always') expect([behaviour, outcome, reader === '']).toEqual([behaviour, 'failed', false])
    }
  })

  it('is not asked more than three times about one prompt, halves of it counted apart', () => {
    for (const { behaviour, calls } of rows) expect([behaviour, calls <= 5]).toEqual([behaviour, true])
  })

  it('that misbehaves once costs no finding', () => {
    for (const { behaviour, how, outcome, hunksRead } of rows) {
      if (how === 'once') expect([behaviour, outcome, hunksRead]).toEqual([behaviour, 'posted', '3 of 3'])
    }
  })
})
