import { setTimeout as sleep } from 'node:timers/promises'
import { type OpenChange, openChange } from '../__support__/open-change.ts'
import type { Cluster } from './cluster.ts'

/** What people do on GitHub, each act of it one event, and what must come of it. */
export interface Traffic {
  readonly changes: readonly OpenChange[]
  /** Words that are no command, each said once and to be answered once. */
  readonly words: readonly { readonly word: string; readonly change: OpenChange }[]
  /** The newest head of each change. */
  readonly heads: ReadonlyMap<OpenChange, string>
  readonly acts: () => number
  /** Acts at `perSecond` for `seconds`. */
  run(seconds: number, perSecond: number): Promise<void>
}

const COMMAND_EVERY_MS = 2_000
/** No multiple of the other, so that both have their turn. */
const PUSH_EVERY_MS = 3_700
const STEP_MS = 20
const BURST_EVERY = 40
const BURST = 3

/**
 * Mostly events that mean little (comments, labels, reviews), as on GitHub; a few commands and pushes, no more than GitHub lets an App
 * answer in a minute.
 */
export async function prepareTraffic(cluster: Cluster, changeCount: number): Promise<Traffic> {
  const changes: OpenChange[] = []
  for (let index = 0; index < changeCount; index++) {
    changes.push(await openChange(cluster.world, `acme/shop-${index}`))
  }
  const words: { word: string; change: OpenChange }[] = []
  const heads = new Map(changes.map((change) => [change, change.headSha]))
  let acts = 0
  let pushes = 0
  const turn = (count: number): OpenChange => {
    const change = changes[count % changes.length]
    if (change === undefined) throw new RangeError('traffic needs a change')
    return change
  }

  function speak(): void {
    const change = turn(words.length)
    const word = `nonsense${String(words.length).padStart(4, '0')}`
    words.push({ word, change })
    change.cleo.comment(change.number, `/devloop ${word}`)
  }

  async function push(): Promise<void> {
    const change = turn(pushes++)
    const sha = await change.bob.push(change.branch, { [`notes/${pushes}.md`]: `${pushes}\n` }, `Note ${pushes}`)
    heads.set(change, sha)
  }

  async function chatter(): Promise<void> {
    // Reviews come in bursts on one change, as when somebody works through a list: each asks for the same evaluation.
    const burst = turn(Math.floor(acts / BURST_EVERY))
    const change = turn(acts)
    if (acts % BURST_EVERY < BURST)
      await burst.cleo.review(burst.number, { event: 'COMMENT', body: `Look at ${acts}.` })
    else if (acts % 2 === 0) await change.cleo.label(change.number, `label-${acts}`)
    else change.cleo.comment(change.number, `I wonder about ${acts}.`)
  }

  async function act(atMs: number, lastMs: number): Promise<void> {
    const isDue = (everyMs: number) => Math.floor(atMs / everyMs) !== Math.floor(lastMs / everyMs)
    acts += 1
    if (isDue(COMMAND_EVERY_MS)) speak()
    else if (isDue(PUSH_EVERY_MS)) await push()
    else await chatter()
  }

  return {
    changes,
    words,
    heads,
    acts: () => acts,
    async run(seconds, perSecond) {
      const startedAt = performance.now()
      const underWay: Promise<void>[] = []
      for (let sent = 0; sent < seconds * perSecond; sent++) {
        const dueMs = (sent * 1_000) / perSecond
        while (performance.now() - startedAt < dueMs) await sleep(STEP_MS)
        // People do not wait for one another.
        underWay.push(act(dueMs, dueMs - 1_000 / perSecond))
      }
      await Promise.all(underWay)
    },
  }
}
