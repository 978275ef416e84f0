import { Hono } from 'hono'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { createMemoryStore } from '../../adapters/memory/memory-store.ts'
import { sampleJob } from '../../ports/contracts/samples.ts'
import { createFakeClock } from '../../ports/fakes/fake-clock.ts'
import { silentLog } from '../../ports/log.ts'
import { createEventStreams } from './event-stream.ts'

const PACE_MS = 500

function start() {
  vi.useFakeTimers()
  const store = createMemoryStore({ clock: createFakeClock() })
  const listeners = new Set<() => void>()
  const listen = vi.fn((_channel: string, listener: () => void) => {
    listeners.add(listener)
    return () => listeners.delete(listener)
  })
  const list = vi.spyOn(store.jobs, 'list')
  const streams = createEventStreams({ store: { ...store, listen }, log: silentLog })
  const app = new Hono().get('/', (context) => streams.open(context))
  const open = async () => {
    const body = (await app.request('/')).body
    if (body === null) throw new Error('no stream')
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    expect((await reader.read()).value).toBe('retry: 2000\n\n')
    return reader
  }
  const wake = async () => {
    for (const listener of listeners) listener()
    await vi.advanceTimersByTimeAsync(PACE_MS)
  }
  return { store, streams, app, open, wake, listeners, list }
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the event stream of open pages', () => {
  test('looks at nothing while no page is open, and once for all that are', async () => {
    const { open, wake, listeners, list, streams } = start()
    expect(listeners.size).toBe(0)
    const pages = [await open(), await open(), await open()]
    await wake()
    expect(list).toHaveBeenCalledTimes(1)
    for (const page of pages) expect((await page.read()).value).toBe('event: change\ndata: {}\n\n')
    streams.closeAll()
    expect(listeners.size).toBe(0)
    for (const page of pages) expect((await page.read()).done).toBe(true)
  })

  test('being woken without any change says nothing; a new job does', async () => {
    const { open, wake, store, streams } = start()
    const page = await open()
    await wake()
    await page.read()
    const next = page.read()
    let said = false
    void next.then(() => {
      said = true
    })
    for (let turn = 0; turn < 5; turn++) await wake()
    expect(said).toBe(false)
    await store.jobs.create(sampleJob(1))
    await wake()
    expect((await next).value).toBe('event: change\ndata: {}\n\n')
    streams.closeAll()
  })

  test('a page that is closed leaves nothing behind', async () => {
    const { open, listeners } = start()
    const [first, second] = [await open(), await open()]
    await first.cancel()
    expect(listeners.size).toBeGreaterThan(0)
    await second.cancel()
    expect(listeners.size).toBe(0)
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a store that is gone ends nothing: the next wake tries again', async () => {
    const { open, wake, list, streams } = start()
    const page = await open()
    list.mockRejectedValueOnce(new Error('gone'))
    await wake()
    await wake()
    expect((await page.read()).value).toBe('event: change\ndata: {}\n\n')
    streams.closeAll()
  })

  test('more pages than a server can serve are asked to come again', async () => {
    const { app, streams } = start()
    const answers = []
    for (let count = 0; count < 501; count++) answers.push(await app.request('/'))
    expect(answers.map(({ status }) => status).filter((status) => status === 503)).toHaveLength(1)
    expect(answers.at(-1)?.headers.get('retry-after')).toBe('30')
    streams.closeAll()
  })
})
