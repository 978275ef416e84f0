import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { type Queue, QueueAbortError, type QueueMessage, type Worker } from '../queue.ts'
import { StoreError } from '../errors.ts'
import type { Store } from '../store.ts'
import { sampleJob, sampleJobId } from './samples.ts'

export interface QueueUnderTest {
  /** An empty queue with its store, whose clock is the real one. */
  open(): Promise<{ readonly queue: Queue; readonly store: Store; close(): Promise<void> }>
  close(): Promise<void>
}

const SOON = { timeout: 6_000, interval: 5 }

/** What every queue keeps to, whatever it is made of. */
export function queueContract(name: string, under: QueueUnderTest): void {
  describe(`${name} as a queue`, () => {
    let opened: Awaited<ReturnType<QueueUnderTest['open']>>
    beforeEach(async () => {
      opened = await under.open()
    })
    afterEach(() => opened.close())
    afterAll(() => under.close())

    const worker = (run: Worker['run'], over: Partial<Worker> = {}): Worker => ({
      run,
      concurrency: 4,
      retryLimit: 2,
      expireMs: 60_000,
      ...over,
    })
    const message = (subject: string, key = subject): QueueMessage => ({ subject, key })

    test('a message reaches its worker, sent before or after the worker came', async () => {
      const { queue } = opened
      const seen: string[] = []
      await queue.send('infer', message('before'))
      await queue.work(
        'infer',
        worker(async ({ subject }) => void seen.push(subject)),
      )
      await queue.send('infer', message('after'))
      await queue.send('review', message('elsewhere'))
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(['after', 'before']), SOON)
      expect((await queue.depth()).review).toEqual({ waiting: 1, active: 0 })
    })

    test('messages of one key run one at a time in order; other keys run beside them', async () => {
      const { queue } = opened
      const done: string[] = []
      const active = new Map<string, number>()
      let most = 0
      let beside = 0
      const keys = ['a', 'b', 'c']
      for (let n = 0; n < 9; n++) await queue.send('delivery', message(`${n}`, keys[n % 3]))
      await queue.work(
        'delivery',
        worker(async ({ subject, key }) => {
          active.set(key, (active.get(key) ?? 0) + 1)
          most = Math.max(most, ...active.values())
          beside = Math.max(beside, [...active.values()].filter((count) => count > 0).length)
          await delay(5)
          active.set(key, (active.get(key) ?? 0) - 1)
          done.push(subject)
        }),
      )
      await vi.waitFor(() => expect(done).toHaveLength(9), SOON)
      expect(most).toBe(1)
      expect(beside).toBeGreaterThan(1)
      for (const [index] of keys.entries()) {
        const own = done.filter((subject) => Number(subject) % 3 === index)
        expect(own).toEqual(own.toSorted())
      }
    })

    test('a waiting message swallows another of its key; one that comes during the run is kept', async () => {
      const { queue } = opened
      const seen: string[] = []
      const hold = Promise.withResolvers<void>()
      for (const subject of ['1', '2', '3']) await queue.send('governance', message(subject, 'k'), { coalesce: true })
      await queue.send('governance', message('other', 'other'), { coalesce: true })
      const run = async ({ subject }: QueueMessage) => {
        seen.push(subject)
        if (subject === '1') await hold.promise
      }
      await queue.work('governance', worker(run))
      await vi.waitFor(() => expect(seen.toSorted()).toEqual(['1', 'other']), SOON)
      await Promise.all(
        ['4', '5', '6'].map((subject) => queue.send('governance', message(subject, 'k'), { coalesce: true })),
      )
      hold.resolve()
      await vi.waitFor(() => expect(seen).toHaveLength(3), SOON)
      await queue.send('governance', message('7', 'k'), { coalesce: true })
      await vi.waitFor(() => expect(seen.at(-1)).toBe('7'), SOON)
      expect(seen).toHaveLength(4)
    })

    test('what waits or runs is not sent again by who only makes sure of it', async () => {
      const { queue } = opened
      const seen: string[] = []
      const hold = Promise.withResolvers<void>()
      const again = (...subjects: string[]) =>
        queue.sendMissing(
          'review',
          subjects.map((subject) => message(subject, 'k')),
        )
      await again('1')
      await again('1', '2')
      const run = async ({ subject }: QueueMessage) => {
        seen.push(subject)
        await hold.promise
      }
      await queue.work('review', worker(run))
      await vi.waitFor(() => expect(seen).toEqual(['1']), SOON)
      await again('1')
      hold.resolve()
      await vi.waitFor(() => expect(seen).toEqual(['1', '2']), SOON)
      await vi.waitFor(async () => expect((await queue.depth()).review).toEqual({ waiting: 0, active: 0 }), SOON)
      await again('1')
      await vi.waitFor(() => expect(seen).toEqual(['1', '2', '1']), SOON)
    })

    test('what ended while others looked for its message is not sent again', async () => {
      const { queue } = opened
      let asked = 0
      const stillWanted = async () => {
        asked += 1
        return new Set(['2'])
      }
      await queue.send('review', message('0', 'k'))
      await queue.sendMissing('review', [message('0', 'k')], stillWanted)
      expect(asked).toBe(0)
      await queue.sendMissing('review', [message('1', 'k'), message('2', 'k')], stillWanted)
      expect((await queue.depth()).review).toEqual({ waiting: 2, active: 0 })
    })

    test('a delayed message comes late and does not swallow one that is due now', async () => {
      const { queue } = opened
      const seen: [string, number][] = []
      await queue.work(
        'infer',
        worker(async ({ subject }) => void seen.push([subject, Date.now()])),
      )
      const sentAt = Date.now()
      await queue.send('infer', message('late', 'k'), { delayMs: 600, coalesce: true })
      await queue.send('infer', message('now', 'k'), { coalesce: true })
      await vi.waitFor(() => expect(seen.map(([subject]) => subject)).toEqual(['now', 'late']), SOON)
      expect((seen[1]?.[1] ?? 0) - sentAt).toBeGreaterThanOrEqual(590)
    })

    test('a failed run is tried again, and keeps its place before later ones of its key', async () => {
      const { queue } = opened
      const seen: string[] = []
      await queue.send('infer', message('first', 'k'))
      await queue.send('infer', message('second', 'k'))
      const run = async ({ subject }: QueueMessage) => {
        seen.push(subject)
        if (seen.length === 1) throw new Error('not yet')
      }
      await queue.work('infer', worker(run))
      await vi.waitFor(() => expect(seen).toEqual(['first', 'first', 'second']), SOON)
    })

    test('the last failure goes to onDead, once, and frees the key', async () => {
      const { queue } = opened
      const dead: unknown[] = []
      const seen: string[] = []
      const run = async ({ subject }: QueueMessage) => {
        seen.push(subject)
        if (subject === 'bad') throw new Error('never')
      }
      const onDead: Worker['onDead'] = async ({ subject }, error) => void dead.push([subject, (error as Error).message])
      await queue.work('infer', worker(run, { retryLimit: 1, onDead }))
      await queue.send('infer', message('bad', 'k'))
      await queue.send('infer', message('good', 'k'))
      await vi.waitFor(() => expect(seen).toEqual(['bad', 'bad', 'good']), SOON)
      expect(dead).toEqual([['bad', 'never']])
      await vi.waitFor(async () => expect((await queue.depth()).infer).toEqual({ waiting: 0, active: 0 }), SOON)
    })

    test('a store that is away uses up no try', async () => {
      const { queue } = opened
      const dead: unknown[] = []
      let tries = 0
      const run = async () => {
        tries += 1
        if (tries === 1)
          throw new StoreError({ code: 'unwritable', message: 'No room.', remedy: 'Make room.', owner: 'retry' })
      }
      const onDead: Worker['onDead'] = async ({ subject }) => void dead.push(subject)
      await queue.work('infer', worker(run, { retryLimit: 0, onDead }))
      await queue.send('infer', message('a'))
      await vi.waitFor(() => expect(tries).toBe(2), SOON)
      expect(dead).toEqual([])
    })

    test('a run that takes too long is told so', async () => {
      const { queue } = opened
      const reasons: unknown[] = []
      const run: Worker['run'] = (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            reasons.push((signal.reason as QueueAbortError).abort)
            reject(signal.reason)
          })
        })
      await queue.work('infer', worker(run, { expireMs: 30, retryLimit: 0 }))
      await queue.send('infer', message('slow'))
      await vi.waitFor(() => expect(reasons).toEqual(['expired']), SOON)
    })

    test('a message sent in a transaction comes if it commits and not if it does not', async () => {
      const { queue, store } = opened
      const seen: unknown[] = []
      const run = async ({ subject }: QueueMessage) =>
        void seen.push([subject, (await store.jobs.find(sampleJobId(1)))?.id])
      await queue.work('review', worker(run))
      const undone = store.transaction(async (transaction) => {
        await store.jobs.create(sampleJob(2), transaction)
        await queue.send('review', message('undone'), { transaction, coalesce: true })
        throw new Error('no')
      })
      await expect(undone).rejects.toThrow('no')
      await store.transaction(async (transaction) => {
        await queue.send('review', message('done'), { transaction })
        await store.jobs.create(sampleJob(1), transaction)
      })
      await vi.waitFor(() => expect(seen).toEqual([['done', sampleJobId(1)]]), SOON)
    })

    test('a repeated message comes now and again at each turn', async () => {
      const { queue } = opened
      const seen: number[] = []
      await queue.repeat('upkeep', message('sweep'), 300)
      await queue.repeat('upkeep', message('sweep'), 300)
      await queue.work(
        'upkeep',
        worker(async () => void seen.push(Date.now())),
      )
      const started = Date.now()
      await vi.waitFor(() => expect(seen.length).toBeGreaterThanOrEqual(3), SOON)
      expect(seen.length).toBeLessThanOrEqual((Date.now() - started) / 300 + 2)
    })

    test('a stop lets short runs end, tells long ones to drain, and takes nothing new', async () => {
      const { queue } = opened
      const ends: string[] = []
      const run: Worker['run'] = async ({ subject }, signal) => {
        if (subject === 'short') {
          await delay(30)
          ends.push('short')
          return
        }
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()))
        ends.push(signal.reason instanceof QueueAbortError ? signal.reason.abort : 'other')
        throw signal.reason
      }
      await queue.work('infer', worker(run))
      await queue.send('infer', message('long'))
      await queue.send('infer', message('short'))
      await vi.waitFor(async () => expect((await queue.depth()).infer.active).toBe(2), SOON)
      const startedAt = Date.now()
      await queue.stop(300)
      expect(ends).toEqual(['short', 'drain'])
      expect(Date.now() - startedAt).toBeLessThan(3_000)
      await queue.send('infer', message('later')).catch(() => {})
      await delay(20)
      expect(ends).toHaveLength(2)
    })
  })
}
