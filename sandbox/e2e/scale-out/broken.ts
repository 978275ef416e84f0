/** One safeguard taken out of the product: a piece of its SQL said differently, or something done to the database under it. */
export interface Break {
  readonly without: string
  readonly where: 'statement' | 'database'
  readonly find: string | RegExp
  readonly put: string
}

/** What is taken out of all replicas to show that a check would notice. */
export const BREAKS = {
  'no-delivery-ledger': {
    without: 'delivery ids as the key of the inbox',
    where: 'statement',
    find: /(INSERT INTO devloop\.delivery \(id, event, received_at, payload\)) VALUES (.*?)\s+ON CONFLICT/su,
    put: `$1 SELECT a || ':' || gen_random_uuid(), b, c::bigint, d FROM (VALUES $2) AS t (a, b, c, d) ON CONFLICT`,
  },
  'no-key-order': {
    without: 'one worker per key',
    where: 'database',
    find: '',
    // What is sent from then on belongs to no key: nothing waits for what runs.
    put: `UPDATE devloop_queue.queue SET policy = 'standard'`,
  },
  'lease-for-everybody': {
    without: 'the condition under which the lease is given',
    where: 'statement',
    find: 'OR l.holder = excluded.holder',
    put: 'OR true',
  },
  'lease-for-ever': {
    without: 'the end of a lease whose holder is gone',
    where: 'statement',
    find: 'OR l.holder = excluded.holder',
    put: 'AND l.holder = excluded.holder',
  },
  'no-counting-lock': {
    without: 'the lock on the lease while a budget is counted',
    where: 'statement',
    find: 'WHERE name = $1 AND fence = $2 FOR UPDATE',
    put: 'WHERE name = $1 AND fence = $2',
  },
  'no-compare': {
    without: 'the look at what is stored when it is replaced',
    where: 'statement',
    find: 'AND value::text = $3',
    put: 'AND $3::text IS NOT NULL',
  },
  'no-advisory-lock': {
    without: 'the locks around migrations and around counts of jobs',
    where: 'statement',
    find: 'SELECT pg_advisory_xact_lock($1)',
    put: 'SELECT $1::bigint',
  },
  'no-turns': {
    without: 'the note of who began last to judge a pull request',
    where: 'statement',
    find: 'INSERT INTO devloop.fact (key, value) VALUES ($1, $2)',
    put: `INSERT INTO devloop.fact (key, value) SELECT $1::text, $2::json WHERE $1 NOT LIKE 'turn:%'`,
  },
  'no-version-check': {
    without: 'the look at who can read the schema',
    where: 'statement',
    find: 'coalesce(max(readable_by), 0) AS "readableBy"',
    put: '0::bigint AS "readableBy"',
  },
  'no-revocation': {
    without: 'the look at whether a key was revoked',
    where: 'statement',
    find: 'SELECT * FROM devloop.api_key WHERE hash = $1',
    put: `SELECT id, name, scopes, hash, models, monthly_micro_usd, created_at, last_used_at, NULL::bigint AS revoked_at
          FROM devloop.api_key WHERE hash = $1`,
  },
} as const satisfies Readonly<Record<string, Break>>

export type BreakName = keyof typeof BREAKS
