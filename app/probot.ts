import type { Probot } from 'probot'
import type { Clock } from '../ports/clock.ts'
import { deliveryId } from '../ports/ids.ts'
import type { Inbox } from './webhooks/inbox.ts'

/**
 * An ordinary Probot application function, for `probot run` and the serverless adapters: Probot has verified the delivery, the inbox
 * keeps it, and the same worker as in our own server carries it out.
 */
export function createProbotApp({
  inbox,
  clock,
}: {
  readonly inbox: Pick<Inbox, 'accept'>
  readonly clock: Clock
}): (app: Probot) => void {
  return (app) => {
    app.onAny(async ({ id, name, payload }) => {
      await inbox.accept({
        id: deliveryId.parse(id),
        event: name,
        receivedAt: clock.now(),
        payload: JSON.stringify(payload),
      })
    })
  }
}
