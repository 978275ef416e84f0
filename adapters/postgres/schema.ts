/** One step of the schema. Steps are never changed once released; they only add, so that the version before goes on running. */
export interface Migration {
  readonly version: number
  /** The oldest schema version whose code still works with the database after this step. */
  readonly readableBy: number
  /** The same for an embedded database, where versions never run side by side and this one may write what the one before does not know. */
  readonly embeddedReadableBy?: number
  readonly sql: string
}

const FIRST = `
CREATE TABLE devloop.delivery (
  id text PRIMARY KEY,
  event text NOT NULL,
  received_at bigint NOT NULL,
  payload text NOT NULL,
  fate text,
  done_at bigint
);
CREATE INDEX delivery_undone ON devloop.delivery (received_at) WHERE fate IS NULL;
CREATE INDEX delivery_done ON devloop.delivery (received_at) WHERE fate IS NOT NULL;

CREATE TABLE devloop.job (
  id text COLLATE "C" PRIMARY KEY,
  kind text NOT NULL,
  key text NOT NULL,
  repository text,
  installation_id bigint,
  pull_request bigint,
  head_sha text,
  requested_by text,
  request json,
  state text NOT NULL DEFAULT 'queued',
  fence bigint NOT NULL DEFAULT 0,
  infrastructure_retries bigint NOT NULL DEFAULT 0,
  cancel_requested boolean NOT NULL DEFAULT false,
  created_at bigint NOT NULL,
  started_at bigint,
  ended_at bigint,
  deadline_at bigint NOT NULL,
  outcome text,
  error json,
  result json,
  cost_micro_usd bigint NOT NULL DEFAULT 0
);
CREATE INDEX job_open ON devloop.job (id) WHERE ended_at IS NULL;
CREATE INDEX job_by_pull_request ON devloop.job (repository, pull_request, id);
CREATE INDEX job_by_repository ON devloop.job (repository, id);
CREATE INDEX job_by_user ON devloop.job (requested_by, created_at);
CREATE INDEX job_by_state ON devloop.job (state, id);
CREATE INDEX job_by_outcome ON devloop.job (outcome, id) WHERE outcome IS NOT NULL;
CREATE INDEX job_by_kind ON devloop.job (kind, id);
CREATE INDEX job_by_time ON devloop.job (created_at);

-- Ended jobs per day of creation and outcome, in a few rows each so that writers do not wait for one another.
CREATE TABLE devloop.job_count (
  day bigint NOT NULL,
  word text NOT NULL,
  shard int NOT NULL,
  count bigint NOT NULL,
  PRIMARY KEY (day, word, shard)
);
CREATE FUNCTION devloop.count_ended_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    INSERT INTO devloop.job_count AS c
    VALUES (OLD.created_at / 86400000, coalesce(OLD.outcome, OLD.state), abs(hashtext(OLD.id)) % 8, -1)
    ON CONFLICT (day, word, shard) DO UPDATE SET count = c.count - 1;
  END IF;
  IF NEW.ended_at IS NOT NULL THEN
    INSERT INTO devloop.job_count AS c
    VALUES (NEW.created_at / 86400000, coalesce(NEW.outcome, NEW.state), abs(hashtext(NEW.id)) % 8, 1)
    ON CONFLICT (day, word, shard) DO UPDATE SET count = c.count + 1;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER job_ended AFTER UPDATE OF ended_at, outcome, state ON devloop.job FOR EACH ROW
WHEN (OLD.ended_at IS DISTINCT FROM NEW.ended_at OR (NEW.ended_at IS NOT NULL
  AND coalesce(OLD.outcome, OLD.state) IS DISTINCT FROM coalesce(NEW.outcome, NEW.state)))
EXECUTE FUNCTION devloop.count_ended_job();

CREATE TABLE devloop.job_step (
  job_id text NOT NULL,
  step text NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  value json NOT NULL,
  PRIMARY KEY (job_id, step)
);
CREATE TABLE devloop.job_event (
  job_id text NOT NULL,
  seq bigint GENERATED ALWAYS AS IDENTITY,
  at bigint NOT NULL,
  kind text NOT NULL,
  text text NOT NULL,
  facts json,
  PRIMARY KEY (job_id, seq)
);

CREATE TABLE devloop.lease (
  name text PRIMARY KEY,
  holder text NOT NULL,
  fence bigint NOT NULL,
  expires_at bigint NOT NULL
);

CREATE TABLE devloop.pod (
  name text PRIMARY KEY,
  slot bigint NOT NULL,
  state text NOT NULL,
  provider_id text,
  candidate json NOT NULL,
  model text NOT NULL,
  load json NOT NULL,
  parallel bigint NOT NULL,
  micro_usd_per_hour bigint NOT NULL,
  reserved_micro_usd bigint NOT NULL,
  intent_at bigint NOT NULL,
  attempted_at bigint,
  running_at bigint,
  ready_at bigint,
  last_use_at bigint,
  drain_at bigint,
  terminate_at bigint,
  deleted_at bigint,
  absent_since bigint,
  gone_at bigint,
  deadline_at bigint NOT NULL,
  end_reason text,
  model_digest text
);
CREATE UNIQUE INDEX pod_live_slot ON devloop.pod (slot) WHERE state NOT IN ('gone', 'rejected');
CREATE INDEX pod_by_time ON devloop.pod (intent_at);

CREATE TABLE devloop.slot_seat (
  pod_name text NOT NULL,
  seat int NOT NULL,
  job_id text NOT NULL,
  repository text,
  held_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  PRIMARY KEY (pod_name, seat)
);
CREATE INDEX slot_seat_by_job ON devloop.slot_seat (job_id);

CREATE TABLE devloop.demand (
  job_id text PRIMARY KEY,
  repository text,
  "user" text,
  model text NOT NULL,
  load json NOT NULL,
  slots_wanted bigint NOT NULL,
  created_at bigint NOT NULL,
  expires_at bigint NOT NULL,
  max_cost_micro_usd bigint NOT NULL,
  note text,
  refused json
);

CREATE TABLE devloop.ledger (
  pod_name text PRIMARY KEY,
  reserve bigint,
  accrue bigint,
  settle bigint,
  spent_at bigint
);
CREATE INDEX ledger_by_time ON devloop.ledger (spent_at);
CREATE INDEX ledger_unsettled ON devloop.ledger (pod_name) WHERE settle IS NULL;
CREATE TABLE devloop.job_cost (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  job_id text NOT NULL,
  pod_name text NOT NULL,
  repository text,
  micro_usd bigint NOT NULL,
  gpu_ms bigint NOT NULL,
  at bigint NOT NULL
);
CREATE INDEX job_cost_by_time ON devloop.job_cost (at);

CREATE TABLE devloop.review (
  id text PRIMARY KEY,
  job_id text NOT NULL,
  repository text NOT NULL,
  pull_request bigint NOT NULL,
  head_sha text NOT NULL,
  outcome text NOT NULL,
  input_hash text NOT NULL,
  full_coverage boolean NOT NULL,
  body json,
  created_at bigint NOT NULL
);
CREATE INDEX review_by_pull_request ON devloop.review (repository, pull_request, created_at);
CREATE TABLE devloop.dismissal (
  repository text NOT NULL,
  pull_request bigint NOT NULL,
  fingerprint text NOT NULL,
  by text NOT NULL,
  reason text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (repository, pull_request, fingerprint)
);

CREATE TABLE devloop.verdict (
  id text PRIMARY KEY,
  repository text NOT NULL,
  pull_request bigint,
  head_sha text NOT NULL,
  conclusion text NOT NULL,
  drift bigint NOT NULL,
  snapshot text NOT NULL,
  policy text NOT NULL,
  verdict json,
  created_at bigint NOT NULL
);
CREATE INDEX verdict_by_repository ON devloop.verdict (repository, created_at);
CREATE INDEX verdict_by_time ON devloop.verdict (created_at);
CREATE TABLE devloop.waiver (
  repository text NOT NULL,
  pull_request bigint NOT NULL,
  head_sha text NOT NULL,
  rule text NOT NULL,
  by text NOT NULL,
  reason text NOT NULL,
  at bigint NOT NULL,
  PRIMARY KEY (repository, pull_request, head_sha, rule)
);

CREATE TABLE devloop.fact (
  key text COLLATE "C" PRIMARY KEY,
  value json NOT NULL
);

CREATE TABLE devloop.api_key (
  id text PRIMARY KEY,
  name text NOT NULL,
  scopes json NOT NULL,
  hash text NOT NULL UNIQUE,
  models json,
  monthly_micro_usd bigint,
  created_at bigint NOT NULL,
  last_used_at bigint,
  revoked_at bigint
);

CREATE TABLE devloop.repeat (
  queue text NOT NULL,
  key text NOT NULL,
  turn bigint NOT NULL,
  PRIMARY KEY (queue, key)
);
`

/** What the provider billed for a pod, beside what our clock said, and when a pod ended by itself. */
const BILLS = `
ALTER TABLE devloop.ledger ADD COLUMN bill bigint;
ALTER TABLE devloop.pod ADD COLUMN own_end_at bigint;
`

/** What jobs were charged per day, and how many for the first time, in a few rows each so that writers do not wait for one another. */
const CHARGES = `
CREATE INDEX job_cost_by_job ON devloop.job_cost (job_id);
CREATE TABLE devloop.charge_day (
  day bigint NOT NULL,
  shard int NOT NULL,
  jobs bigint NOT NULL,
  micro_usd bigint NOT NULL,
  PRIMARY KEY (day, shard)
);
CREATE FUNCTION devloop.count_charge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO devloop.charge_day AS c
  VALUES (NEW.at / 86400000, abs(hashtext(NEW.job_id)) % 8,
    CASE WHEN EXISTS (SELECT 1 FROM devloop.job_cost WHERE job_id = NEW.job_id AND seq < NEW.seq) THEN 0 ELSE 1 END, NEW.micro_usd)
  ON CONFLICT (day, shard) DO UPDATE SET jobs = c.jobs + excluded.jobs, micro_usd = c.micro_usd + excluded.micro_usd;
  RETURN NULL;
END $$;
CREATE TRIGGER job_charged AFTER INSERT ON devloop.job_cost FOR EACH ROW EXECUTE FUNCTION devloop.count_charge();
INSERT INTO devloop.charge_day
SELECT at / 86400000, 0, count(*) FILTER (WHERE nth = 1), sum(micro_usd)::bigint
FROM (SELECT at, micro_usd, row_number() OVER (PARTITION BY job_id ORDER BY seq) AS nth FROM devloop.job_cost) charged GROUP BY 1;
`

/** Payloads of one batch lie together, compressed by us: PostgreSQL inside WebAssembly takes ten times as long over each by itself. */
const BLOCKS = `
CREATE TABLE devloop.delivery_block (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  newest_at bigint NOT NULL,
  packed bytea NOT NULL
);
ALTER TABLE devloop.delivery_block ALTER COLUMN packed SET STORAGE EXTERNAL;
ALTER TABLE devloop.delivery ADD COLUMN block bigint, ADD COLUMN place int;
`

/**
 * Ended jobs are counted in a row per connection, not per job: a statement that ends several jobs would lock the rows of all of them, one
 * after the other, and two such statements would wait for each other for a second until PostgreSQL ends one of them.
 */
const COUNT_PER_CONNECTION = `
CREATE OR REPLACE FUNCTION devloop.count_ended_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.ended_at IS NOT NULL THEN
    INSERT INTO devloop.job_count AS c
    VALUES (OLD.created_at / 86400000, coalesce(OLD.outcome, OLD.state), pg_backend_pid() % 8, -1)
    ON CONFLICT (day, word, shard) DO UPDATE SET count = c.count - 1;
  END IF;
  IF NEW.ended_at IS NOT NULL THEN
    INSERT INTO devloop.job_count AS c
    VALUES (NEW.created_at / 86400000, coalesce(NEW.outcome, NEW.state), pg_backend_pid() % 8, 1)
    ON CONFLICT (day, word, shard) DO UPDATE SET count = c.count + 1;
  END IF;
  RETURN NULL;
END $$;
`

export const MIGRATIONS: readonly Migration[] = [
  { version: 1, readableBy: 1, sql: FIRST },
  { version: 2, readableBy: 1, sql: BILLS },
  { version: 3, readableBy: 1, sql: CHARGES },
  { version: 4, readableBy: 1, embeddedReadableBy: 4, sql: BLOCKS },
  { version: 5, readableBy: 1, sql: COUNT_PER_CONNECTION },
]
