import { lookAtAgreement } from './agreement-line.ts'
import { lookAtBudget } from './budget-line.ts'
import { lookAtDeliveries } from './deliveries-line.ts'
import { lookAtFence } from './fence-line.ts'
import { lookAtIdempotency } from './idempotency-line.ts'
import { lookAtDeaths } from './deaths-line.ts'
import { lookAtKeys } from './keys-line.ts'
import { lookAtTakeover } from './takeover-line.ts'
import type { Effort, Line } from './line.ts'
import { lookAtRollingRestart } from './rolling-line.ts'
import { lookAtStaleVerdict } from './stale-line.ts'
import { lookAtEmptyDatabase, lookAtOlderStart, lookAtTwoVersions } from './version-line.ts'

/** A broken variant needs to be seen once, not long. */
const brief = (effort: Effort): Effort => ({
  ...effort,
  quick: true,
  seconds: Math.min(effort.seconds, 6),
  perSecond: Math.min(effort.perSecond, 30),
  kills: 1,
})
/** Where nothing depends on the length of the run. */
const short = (effort: Effort): Effort => ({ ...effort, seconds: Math.min(effort.seconds, 20) })

/** One run tells of both effects and order. */
const lookAtSoundDeliveries = (effort: Effort) => lookAtDeliveries(short(effort), [])

/** Every claim about several replicas on one PostgreSQL. */
export const LINES: readonly Line[] = [
  {
    id: 'deliveries',
    claim: 'Webhooks to any replica take effect once, and once more under the same id changes nothing',
    without: 'the delivery id as the key of the inbox',
    look: lookAtSoundDeliveries,
    lookBroken: (effort) => lookAtDeliveries(brief(effort), ['no-delivery-ledger']),
  },
  {
    id: 'one-worker',
    claim: 'Work of one pull request is done by one worker at a time, in order',
    without: 'the order by key in the queue',
    look: lookAtSoundDeliveries,
    lookBroken: (effort) => lookAtDeliveries(brief(effort), ['no-key-order']),
  },
  {
    id: 'deaths',
    claim: 'A replica killed right after GitHub carried out its write leaves nothing undone and nothing done twice',
    without: 'the line that names what a reply answers',
    look: (effort) => lookAtDeaths(effort, true),
    lookBroken: (effort) => lookAtDeaths(brief(effort), false),
  },
  {
    id: 'takeover',
    claim: 'After kill -9 of the leader another leads within 20 s, and its pods are given back',
    without: 'the end of a lease',
    look: (effort) => lookAtTakeover(effort, []),
    lookBroken: (effort) => lookAtTakeover(brief(effort), ['lease-for-ever']),
  },
  {
    id: 'fence',
    claim: 'A leader that stood still and wakes does nothing at the provider while another leads',
    without: 'the condition under which the lease is given',
    look: (effort) => lookAtFence(effort, []),
    lookBroken: (effort) => lookAtFence(brief(effort), ['lease-for-everybody']),
  },
  {
    id: 'stale-verdict',
    claim: 'A replica that stood still writes no verdict that another has overtaken',
    without: 'the note of who began last',
    look: (effort) => lookAtStaleVerdict(effort, []),
    lookBroken: (effort) => lookAtStaleVerdict(brief(effort), ['no-turns']),
  },
  {
    id: 'rolling-restart',
    claim:
      'Replicas restarted one after another lose no event and double none; what was lost on the way is brought back',
    without: 'the redelivery of what GitHub could not deliver',
    look: (effort) => lookAtRollingRestart(effort, true),
    lookBroken: (effort) => lookAtRollingRestart(brief(effort), false),
  },
  {
    id: 'two-versions',
    claim: 'The next version changes the schema while two replicas of this one go on working',
    without: 'the rule that migrations only add (it renames a column)',
    look: (effort) => lookAtTwoVersions(short(effort), 'expanding'),
    lookBroken: (effort) => lookAtTwoVersions(brief(effort), 'renaming'),
  },
  {
    id: 'older-version',
    claim: 'This version starts on a newer schema that it can read, and refuses one that it cannot with one sentence',
    without: 'the look at who can read the schema',
    look: (effort) => lookAtOlderStart(effort, []),
    lookBroken: (effort) => lookAtOlderStart(brief(effort), ['no-version-check']),
  },
  {
    id: 'empty-database',
    claim: 'Replicas that meet an empty database in the same moment all come up',
    without: 'the lock around migrations',
    look: (effort) => lookAtEmptyDatabase(effort, []),
    lookBroken: (effort) => lookAtEmptyDatabase(brief(effort), ['no-advisory-lock']),
  },
  {
    id: 'agreement',
    claim: 'Jobs, cancel, status and open pages say the same whichever replica answers',
    without: 'one database (the last replica has its own)',
    look: (effort) => lookAtAgreement(effort, false),
    lookBroken: (effort) => lookAtAgreement(brief(effort), true),
  },
  {
    id: 'keys',
    claim: 'A key is good at every replica at once when made, and at none 5 s after it was revoked',
    without: 'the look at whether a key was revoked',
    look: (effort) => lookAtKeys(effort, []),
    lookBroken: (effort) => lookAtKeys(brief(effort), ['no-revocation']),
  },
  {
    id: 'idempotency',
    claim: 'A request with an Idempotency-Key is done once, to however many replicas it goes at once',
    without: 'the key, behind a balancer that replays',
    look: (effort) => lookAtIdempotency(effort, true),
    lookBroken: (effort) => lookAtIdempotency(brief(effort), false),
  },
  {
    id: 'budget',
    claim: 'Processes that spend in the same moment never pass a cap',
    without: 'the locks under which is counted',
    look: (effort) => lookAtBudget(effort, []),
    lookBroken: (effort) => lookAtBudget(effort, ['no-counting-lock', 'no-advisory-lock', 'no-compare']),
  },
]
