import type { Context } from 'hono'
import { streamSSE } from 'hono/streaming'
import { fullName } from '../state/repository.ts'
import type { World } from '../world.ts'

/** Tells a page, until it is closed, whenever something in its repository has changed. */
export function answerLive(world: World, context: Context, name: string): Response {
  return streamSSE(context, async (stream) => {
    const closed = Promise.withResolvers<void>()
    stream.onAbort(() => closed.resolve())
    const listener = (repository: Parameters<typeof fullName>[0]) => {
      if (fullName(repository) === name)
        void stream.writeSSE({ event: 'changed', data: '' }).catch(() => closed.resolve())
    }
    world.onChange.add(listener)
    try {
      await stream.writeSSE({ event: 'hello', data: '' })
      await closed.promise
    } finally {
      world.onChange.delete(listener)
    }
  })
}
