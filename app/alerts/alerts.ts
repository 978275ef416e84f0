import { formatUsd, type MicroUsd } from '../../ports/money.ts'

/** What the alerts look at, at one moment. */
export interface Watched {
  readonly now: number
  readonly budget: { readonly perDayMicroUsd: MicroUsd; readonly perMonthMicroUsd: MicroUsd }
  readonly todayMicroUsd: MicroUsd
  readonly monthMicroUsd: MicroUsd
  /** The newest pod that the sweep ended; null when there was none. */
  readonly swept: { readonly count: number; readonly pod: string } | null
  /** The newest comparison of ledger and bill; null before the first. */
  readonly billing: {
    readonly at: number
    readonly isAlarming: boolean
    readonly ledgerMicroUsd: MicroUsd
    readonly billedMicroUsd: MicroUsd
  } | null
  /** Requests that wait because no GPU is to be had, or were refused for it. */
  readonly withoutGpu: readonly { readonly jobId: string; readonly model: string }[]
}

export interface Alert {
  /** Told once in the life of the installation: it names the occasion, not only the kind. */
  readonly key: string
  readonly text: string
}

/** Everything that is worth a word to whoever pays, most pressing first. */
export function alertsOf(watched: Watched): readonly Alert[] {
  const day = new Date(watched.now).toISOString().slice(0, 10)
  return [
    ...budgetAlerts('day', day, watched.todayMicroUsd, watched.budget.perDayMicroUsd),
    ...budgetAlerts('month', day.slice(0, 7), watched.monthMicroUsd, watched.budget.perMonthMicroUsd),
    ...leakAlerts(watched.swept),
    ...billingAlerts(watched.billing),
    ...capacityAlerts(watched.withoutGpu, watched.now),
  ]
}

function budgetAlerts(period: string, name: string, spent: MicroUsd, budget: MicroUsd): readonly Alert[] {
  if (budget <= 0) return []
  const of = `${formatUsd(spent)} of the ${formatUsd(budget)} for this ${period}`
  if (spent >= budget)
    return [{ key: `budget-${period}-100/${name}`, text: `Budget reached: ${of} are spent. Nothing more is rented.` }]
  if (spent < budget * 0.8) return []
  return [{ key: `budget-${period}-80/${name}`, text: `Budget nearly reached: ${of} are spent.` }]
}

function leakAlerts(swept: Watched['swept']): readonly Alert[] {
  if (swept === null) return []
  const text = `Leak swept: the pod ${swept.pod} was held by nobody and was ended (${swept.count} so far).`
  return [{ key: `leak/${swept.pod}`, text }]
}

function billingAlerts(billing: Watched['billing']): readonly Alert[] {
  if (!billing?.isAlarming) return []
  const ours = formatUsd(billing.ledgerMicroUsd)
  const text = `Ledger mismatch: we count ${ours}, RunPod bills ${formatUsd(billing.billedMicroUsd)}. Look for pods that DevLoop did not rent.`
  return [{ key: `billing/${new Date(billing.at).toISOString().slice(0, 10)}`, text }]
}

/** Once an hour at most: many jobs may wait for the same thing. */
function capacityAlerts(waiting: Watched['withoutGpu'], now: number): readonly Alert[] {
  const [first] = waiting
  if (first === undefined) return []
  const hour = new Date(now).toISOString().slice(0, 13)
  const text = `No capacity: ${waiting.length} request(s) wait for a GPU, the first for ${first.model}.`
  return [{ key: `no-capacity/${hour}`, text }]
}
