import { beforeEach, describe, expect, test } from 'vitest'
import { createFakeClock, type FakeClock } from '../../ports/fakes/fake-clock.ts'
import { type CallKind, createThrottle, githubLimits, type Throttle } from './throttle.ts'

let clock: FakeClock
let throttle: Throttle
/** How long after the start each call left. */
let left: number[]
let failed: unknown[]

beforeEach(() => {
  clock = createFakeClock()
  left = []
  failed = []
})

function start(limits = githubLimits): void {
  throttle = createThrottle({ clock, limits })
}

function ask(times: number, kind: CallKind, startedAt: number, body: () => Promise<void> = async () => {}): void {
  const leave = async () => {
    left.push(clock.now() - startedAt)
    await body()
  }
  for (let call = 0; call < times; call++)
    throttle.run('installation 7', kind, leave).catch((error) => failed.push(error))
}

describe("GitHub's secondary limits", () => {
  test('80 pieces of new content leave in any minute, 500 in any hour, the others follow', async () => {
    start({ ...githubLimits, maxWaitMs: 2 * 3_600_000 })
    const startedAt = clock.now()
    ask(1, 'content', startedAt)
    await clock.advance(59_000)
    ask(599, 'content', startedAt)
    await clock.advance(2 * 3_600_000)
    expect(failed).toEqual([])
    expect(left).toHaveLength(600)
    const most = (windowMs: number) =>
      Math.max(...left.map((first) => left.filter((at) => at >= first && at < first + windowMs).length))
    expect([most(60_000), most(3_600_000)]).toEqual([80, 500])
  })

  test('what would wait longer than the bound is refused, and what comes later is not', async () => {
    start()
    ask(400, 'content', clock.now())
    await clock.advance(120_001)
    expect(left).toHaveLength(240)
    expect(failed).toHaveLength(160)
    expect(failed[0]).toMatchObject({ code: 'rate-limited', owner: 'retry' })
    await clock.advance(60_000)
    ask(10, 'content', clock.now())
    await clock.advance(1)
    expect(left).toHaveLength(250)
  })

  test('at most 100 are under way at once, and a failure gives its place free', async () => {
    start()
    const open: PromiseWithResolvers<void>[] = []
    ask(150, 'read', clock.now(), () => {
      const one = Promise.withResolvers<void>()
      open.push(one)
      return one.promise
    })
    await clock.advance(1)
    expect(open).toHaveLength(100)
    for (const one of open.slice(0, 30)) one.reject(new Error('lost'))
    await clock.advance(1)
    expect(open).toHaveLength(130)
    for (const one of open) one.resolve()
    await clock.advance(1)
    expect(open).toHaveLength(150)
    expect(failed).toHaveLength(30)
  })

  test('new content that waited for its points counts for the minute in which it leaves', async () => {
    start()
    const startedAt = clock.now()
    ask(800, 'read', startedAt)
    await clock.advance(1)
    left = []
    ask(80, 'content', startedAt)
    await clock.advance(60_000)
    expect(left).toHaveLength(80)
    ask(80, 'content', startedAt)
    await clock.advance(59_000)
    expect(left).toHaveLength(80)
    await clock.advance(2_000)
    expect(left).toHaveLength(160)
  })
})
