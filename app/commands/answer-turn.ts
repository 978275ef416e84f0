import type { Clock, Random } from '../../ports/clock.ts'
import { CodedError } from '../../ports/errors.ts'
import type { LeaseStore } from '../../ports/store.ts'
import type { SpokenComment } from '../webhooks/intent.ts'

/** Longer than GitHub takes for one call; whoever writes renews it right before. */
const TURN_MS = 30_000
/** Leases are rows that stay, so comments share them. */
const LANES = 256

/** Another process, or the upkeep beside the inbox, is answering this comment. */
export class AnswerError extends CodedError<'being-answered'> {}

export interface AnswerTurn {
  /** Asked right before the reply: throws when the turn has passed to somebody else meanwhile. */
  renew(): Promise<void>
  end(): Promise<void>
}

/**
 * A comment reaches us by its webhook, by a redelivery and by the upkeep; only one of them may look at it and write at a time. A verdict
 * may be begun anew by whoever comes later (`jobs/turn.ts`), since writing it again changes nothing; a reply written twice stands twice.
 */
export async function takeAnswerTurn(
  {
    store,
    clock,
    random,
  }: { readonly store: { readonly leases: LeaseStore }; readonly clock: Clock; readonly random: Random },
  comment: SpokenComment,
): Promise<AnswerTurn> {
  const name = `answer:${comment.id % LANES}`
  const holder = random.ulid(clock.now())
  const renew = async () => {
    if ((await store.leases.acquire(name, holder, TURN_MS, clock.now())) === undefined) throw beingAnswered(comment)
  }
  await renew()
  return { renew, end: () => store.leases.release(name, holder) }
}

function beingAnswered({ kind, id }: SpokenComment): AnswerError {
  return new AnswerError({
    code: 'being-answered',
    message: `The ${kind} comment ${id} was to be answered, but somebody else is answering it or another one at this moment.`,
    remedy: 'It is looked at again in a few seconds.',
    owner: 'retry',
    facts: { kind, id },
  })
}
