import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { withGeneratedRegion } from '../../../../scripts/generated-region.ts'
import { ACTORS } from './actors.ts'
import { type Door, openDoor } from './door.ts'
import { COMMANDS, casesOf, tryCase } from './matrix.ts'
import { renderObeyedTable, type Seen, wordOf } from './obeyed-table.ts'

const PAGE = join(import.meta.dirname, '../../../../docs/attacks.md')
const WRITE = 'vitest run sandbox/e2e/attack/authorisation -u'

let door: Door
const seen: Seen[] = []
beforeAll(async () => {
  door = await openDoor()
})
afterAll(() => door.stop())

describe('every command by everybody, through the webhook', () => {
  it.each(ACTORS)(
    '$name: is obeyed, refused or not heard, as may be',
    async (actor) => {
      const cases = casesOf(door.places, false).filter((each) => each.actor === actor)
      expect(cases).toHaveLength(COMMANDS.length)
      const wrong: string[] = []
      for (const each of cases) {
        const { observed, wrong: sentence } = await tryCase(door, each)
        wrong.push(sentence ?? '')
        seen.push({ ...each, word: wordOf(observed) })
      }
      expect(wrong.filter((sentence) => sentence !== '')).toEqual([])
    },
    240_000,
  )

  it('is the table of docs/attacks.md', async () => {
    const page = readFileSync(PAGE, 'utf8')
    await expect(withGeneratedRegion(page, renderObeyedTable(seen), WRITE)).toMatchFileSnapshot(PAGE)
  })

  it('a reader who is taken for a writer is seen', async () => {
    const [place] = door.places
    const reader = ACTORS.find(({ name }) => name === 'reader')
    const pause = COMMANDS.find(({ text }) => text.endsWith('pause'))
    if (place === undefined || reader === undefined || pause === undefined) return expect.fail('no case')
    door.app.shop.github.setCollaborator(place.repository, 'rita', 'write')
    const { wrong } = await tryCase(door, { actor: reader, command: pause, place })
    door.app.shop.github.setCollaborator(place.repository, 'rita', 'read')
    expect(wrong).toContain('done, not refused')
  })
})
