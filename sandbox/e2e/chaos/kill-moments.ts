import type { Chaos, RunpodFault } from '../../runpod/faults.ts'
import type { HoldOrder } from './gate.ts'

/** A moment at which a renting command is killed. */
export interface KillMoment {
  readonly name: string
  /** What the command says when the moment has come, or the call that is caught on its way. */
  readonly when: RegExp | HoldOrder
  /** What becomes of a call that was caught: it arrives at once, while `reap` looks, or never. */
  readonly fate?: 'at once' | 'later' | 'never'
  readonly faults?: readonly RunpodFault[]
  readonly chaos?: Partial<Chaos>
}

const CREATE = /^POST \/v2\/pods$/
const LIST = /^GET \/v2\/pods/
const DELETE = /^DELETE \/v2\/pods\//
const STATUS = /^GET \/proxy\/.*\/guard\/status$/
const CHAT = /^POST \/proxy\/.*\/api\/chat$/
/** A pod shows in lists long after it was made. */
const LATE_LIST: Partial<Chaos> = { listLagMs: 2_000 }

export const KILL_MOMENTS: readonly KillMoment[] = [
  { name: 'queued', when: /queued/ },
  { name: 'create written down, never sent', when: { side: 'request', call: CREATE }, fate: 'never' },
  { name: 'create under way', when: { side: 'request', call: CREATE }, fate: 'at once' },
  { name: 'create under way, arriving late', when: { side: 'request', call: CREATE }, fate: 'later' },
  {
    name: 'create under way, arriving late, listed later still',
    when: { side: 'request', call: CREATE },
    fate: 'later',
    chaos: LATE_LIST,
  },
  { name: 'created, not yet answered', when: { side: 'reply', call: CREATE }, fate: 'never' },
  {
    name: 'created, not yet answered, not yet listed',
    when: { side: 'reply', call: CREATE },
    fate: 'never',
    chaos: LATE_LIST,
  },
  {
    name: 'create answered 500 although it made a pod',
    when: { side: 'request', call: LIST, after: CREATE },
    fate: 'never',
    faults: [{ after: 'create', fault: 'error-but-created' }],
    chaos: LATE_LIST,
  },
  {
    name: 'create cut off although it made a pod',
    when: { side: 'request', call: LIST, after: CREATE },
    fate: 'never',
    faults: [{ after: 'create', fault: 'drop-but-created' }],
    chaos: LATE_LIST,
  },
  { name: 'booting', when: { side: 'request', call: STATUS }, fate: 'never' },
  { name: 'warming', when: { side: 'reply', call: STATUS }, fate: 'at once' },
  {
    name: 'in the middle of the answer',
    when: { side: 'reply', call: CHAT },
    fate: 'never',
  },
  { name: 'told to end, not yet arrived', when: { side: 'request', call: DELETE }, fate: 'never' },
  { name: 'told to end, arriving late', when: { side: 'request', call: DELETE }, fate: 'later' },
  { name: 'told to end, not yet answered', when: { side: 'reply', call: DELETE }, fate: 'never' },
  { name: 'told to end, not yet proven gone', when: { side: 'request', call: LIST, after: DELETE }, fate: 'never' },
]
