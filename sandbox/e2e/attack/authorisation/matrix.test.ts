import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ACTORS } from './actors.ts'
import { type Door, openDoor } from './door.ts'
import { COMMANDS, casesOf, tryCase } from './matrix.ts'

let door: Door
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
      for (const each of cases) wrong.push((await tryCase(door, each)).wrong ?? '')
      expect(wrong.filter((sentence) => sentence !== '')).toEqual([])
    },
    240_000,
  )

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
