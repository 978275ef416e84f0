import type { Clock } from '../../ports/clock.ts'
import type { PodRow, Store } from '../../ports/store.ts'
import { createDeliveryTable } from './delivery-table.ts'
import { createDemandTable } from './demand-table.ts'
import { createFactTable } from './fact-table.ts'
import { createGovernanceTable } from './governance-table.ts'
import { createJobTable } from './job-table.ts'
import { createKeyTable } from './key-table.ts'
import { createLeaseTable } from './lease-table.ts'
import { createLedgerTable } from './ledger-table.ts'
import { runInTransaction } from './memory-transaction.ts'
import { createPodTable } from './pod-table.ts'
import { createReviewTable } from './review-table.ts'
import { createSignals } from './signals.ts'
import { createSlotTable } from './slot-table.ts'

/** A store that ends with the process: one-shot commands, the Action, tests. */
export function createMemoryStore({ clock }: { readonly clock: Clock }): Store {
  const signals = createSignals(clock)
  const podRows = new Map<string, PodRow>()
  const leases = createLeaseTable()
  const ledger = createLedgerTable(podRows, leases)
  return {
    deliveries: createDeliveryTable(),
    jobs: createJobTable(() => signals.notify('jobs')),
    leases,
    pods: createPodTable(podRows, leases, ledger),
    slots: createSlotTable(podRows, clock),
    demands: createDemandTable(),
    ledger,
    reviews: createReviewTable(),
    governance: createGovernanceTable(),
    facts: createFactTable(),
    keys: createKeyTable(),
    transaction: runInTransaction,
    listen: signals.listen,
    async notify(channel) {
      signals.notify(channel)
    },
    async close() {
      signals.close()
    },
  }
}
