import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { lockDirectory } from '../../../adapters/postgres/directory-lock.ts'
import type { RunpodOptions } from '../../runpod/settings.ts'
import type { EmulatedRunpod } from '../../runpod/start.ts'
import { type Disk, JOURNAL_BYTES } from './run-devloop.ts'

/** Databases that are wrong in one way each. */
export interface Databases {
  readonly newer: string
  readonly old: string
  readonly missing: string
  readonly withoutRights: string
}

export interface BadInput {
  readonly fault: string
  readonly args: readonly string[]
  readonly env?: Readonly<Record<string, string>>
  readonly database?: keyof Databases
  readonly account?: RunpodOptions
  readonly disk?: Disk
  /** `devloop.yml` of the folder the command is started in. */
  readonly policy?: string
  /** What the account does once a pod serves. */
  readonly onceReady?: (runpod: EmulatedRunpod) => void
  /** Lays out the data directory; what it answers is undone at the end. */
  readonly prepare?: (data: string) => Promise<() => void>
  readonly exit: 2 | 3
  /** How many pods are made before it is known; 0 when absent. */
  readonly rented?: number
}

const INFER = ['infer', 'hello']
const SERVE = ['serve', '--controller-only']
const GPU = 'NVIDIA GeForce RTX 4090'
/** What every output is searched for. */
export const SECRETS = { key: 'rpa_CANARYKEY0123456789', password: 'CANARYPASSWORD' }
const CREDENTIALS = `somebody:${SECRETS.password}`

export const BAD_INPUTS: readonly BadInput[] = [
  { fault: 'no key', args: INFER, env: { RUNPOD_API_KEY: '' }, exit: 2 },
  { fault: 'no key', args: ['pods', 'list'], env: { RUNPOD_API_KEY: '' }, exit: 2 },
  { fault: 'no key', args: SERVE, env: { RUNPOD_API_KEY: '' }, exit: 2 },
  { fault: 'wrong key (401)', args: INFER, account: { apiKey: 'another' }, exit: 3 },
  { fault: 'wrong key (401)', args: ['pods', 'reap'], account: { apiKey: 'another' }, exit: 3 },
  { fault: 'no balance (402)', args: INFER, account: { balanceUsd: 0 }, exit: 3 },
  {
    // What RunPod does when the balance is used up: it ends what runs, and refuses what is asked for next.
    fault: 'balance used up while a pod works',
    args: INFER,
    account: { ollama: { faults: [{ after: '/api/chat', fault: 'slow-first-token' }] } },
    onceReady(runpod) {
      runpod.script({ after: 'create', fault: 'no-balance', times: 100 })
      for (const { id } of runpod.livePods()) runpod.kill(id, 'terminated')
    },
    exit: 3,
    rented: 1,
  },
  {
    fault: 'price above the ceiling',
    args: INFER,
    account: { prices: { [GPU]: { secure: 2, community: 1.5 } } },
    exit: 3,
  },
  { fault: 'unknown model tag', args: [...INFER, '--model', 'nonsense:1b'], exit: 2, rented: 1 },
  { fault: 'model larger than the GPU', args: [...INFER, '--model', 'llama3.3:70b'], exit: 2, rented: 1 },
  { fault: 'unknown GPU name', args: INFER, policy: 'fleet: {gpus: [NVIDIA RTX 9999]}', exit: 3 },
  { fault: 'budget of 0', args: [...INFER, '--max-cost', '0'], exit: 3 },
  { fault: 'budget of 0 for the day', args: INFER, policy: 'budget: {perDayUsd: 0}', exit: 3 },
  { fault: 'a key that `devloop.yml` has not', args: INFER, policy: 'flet: {}', exit: 2 },
  { fault: 'data directory read-only', args: INFER, disk: 'read-only', exit: 3 },
  { fault: 'data directory read-only', args: SERVE, disk: 'read-only', exit: 3 },
  { fault: 'data directory full', args: INFER, disk: 'full', exit: 3 },
  { fault: 'data directory full', args: SERVE, disk: 'full', exit: 3 },
  {
    fault: 'money journal that takes no more',
    args: INFER,
    disk: 'no-growth',
    async prepare(data) {
      await writeFile(join(data, 'money.jsonl'), '\n'.repeat(JOURNAL_BYTES))
      return () => {}
    },
    exit: 3,
  },
  {
    fault: 'money journal that cannot be read',
    args: INFER,
    async prepare(data) {
      await mkdir(join(data, 'money.jsonl'))
      return () => {}
    },
    exit: 3,
  },
  {
    fault: 'database files of a newer version',
    args: SERVE,
    async prepare(data) {
      await mkdir(join(data, 'pg', 'pg'), { recursive: true })
      await writeFile(join(data, 'pg', 'pg', 'PG_VERSION'), '99\n')
      return () => {}
    },
    exit: 3,
  },
  {
    fault: 'data directory held by another process',
    args: SERVE,
    async prepare(data) {
      await mkdir(join(data, 'pg'), { recursive: true })
      const lock = lockDirectory(join(data, 'pg', 'store.lock'), data)
      return () => lock.release()
    },
    exit: 3,
  },
  { fault: 'a schema of a newer version', args: SERVE, database: 'newer', exit: 3 },
  { fault: 'PostgreSQL too old', args: SERVE, database: 'old', exit: 3 },
  { fault: 'a database that does not exist', args: SERVE, database: 'missing', exit: 3 },
  { fault: 'a user who may create nothing', args: SERVE, database: 'withoutRights', exit: 3 },
  {
    fault: 'PostgreSQL unreachable',
    args: SERVE,
    env: { DATABASE_URL: `postgres://${CREDENTIALS}@127.0.0.1:9/devloop` },
    exit: 3,
  },
  {
    fault: 'an unknown host',
    args: SERVE,
    env: { DATABASE_URL: `postgres://${CREDENTIALS}@no-such-host.invalid/devloop` },
    exit: 3,
  },
  {
    fault: 'another kind of database',
    args: SERVE,
    env: { DATABASE_URL: `mysql://${CREDENTIALS}@db/devloop` },
    exit: 2,
  },
  { fault: 'an address that is none', args: SERVE, env: { DATABASE_URL: `postgres://${CREDENTIALS}@:::9/x` }, exit: 2 },
]
