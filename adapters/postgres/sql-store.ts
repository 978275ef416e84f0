import type { Clock } from '../../ports/clock.ts'
import type { Log } from '../../ports/log.ts'
import type { Store } from '../../ports/store.ts'
import { createDeliveryTable } from './delivery-table.ts'
import { createDemandTable } from './demand-table.ts'
import { createFactTable } from './fact-table.ts'
import { createGovernanceTable } from './governance-table.ts'
import { createJobTable } from './job-table.ts'
import { createKeyTable } from './key-table.ts'
import { createLeaseTable } from './lease-table.ts'
import { createLedgerTable } from './ledger-table.ts'
import { createPodTable } from './pod-table.ts'
import { createReviewTable } from './review-table.ts'
import { createSignals } from './signals.ts'
import { createSlotTable } from './slot-table.ts'
import type { Database } from './sql.ts'
import { runInTransaction } from './store-transaction.ts'

/** The store over a migrated database; `isShared`: by several machines. Closing it leaves the database open for its owner to close. */
export async function createSqlStore(
  database: Database,
  parts: { clock: Clock; log: Log; isShared?: boolean },
): Promise<Store> {
  const signals = await createSignals(database, parts.clock, parts.log)
  return {
    deliveries: createDeliveryTable(database),
    jobs: createJobTable(database, () => signals.notify('jobs')),
    leases: createLeaseTable(database, parts.isShared === true),
    pods: createPodTable(database),
    slots: createSlotTable(database, parts.clock),
    demands: createDemandTable(database),
    ledger: createLedgerTable(database),
    reviews: createReviewTable(database),
    governance: createGovernanceTable(database),
    facts: createFactTable(database),
    keys: createKeyTable(database),
    transaction: (body) => runInTransaction(database, body),
    listen: signals.listen,
    notify: signals.notify,
    close: signals.close,
  }
}
