import { appendFile, readFile } from 'node:fs/promises'
import { createMoneyJournal } from '../../../adapters/journal/money-journal.ts'
import { openStore } from '../../../adapters/postgres/open-store.ts'
import { createSystemRandom } from '../../../adapters/system/system-random.ts'
import { FleetEngines } from '../../../fleet/engines.ts'
import { reconcile } from '../../../fleet/reconcile.ts'
import type { JobDefinition } from '../../../jobs/definition.ts'
import { createJobRunner } from '../../../jobs/runner.ts'
import { isCodedError, StoreError } from '../../../ports/errors.ts'
import { jobId } from '../../../ports/ids.ts'
import { type Log, silentLog } from '../../../ports/log.ts'
import { microUsdFromUsd } from '../../../ports/money.ts'
import { inferJob } from '../__support__/infer-job.ts'
import { FAST_TIMINGS } from './fast-timings.ts'
import { broken } from './broken.ts'
import { fleetPartsFor } from './fleet-parts.ts'
import { VIRTUAL_POLICY } from './virtual-policy.ts'
import { ShiftedClock } from './shifted-clock.ts'
import type { FromWorker, LedgerReport, ToWorker, WorkerOrder } from './worker-order.ts'

/** One replica of the chaos run: the real store, queue, job runner and fleet, and jobs that ask a model one short question. */
const order: WorkerOrder = JSON.parse(process.argv[2] ?? '{}')
const log = loudLog(order.loud)
const random = createSystemRandom()
const MODEL = 'mistral:7b-instruct-q5_K_M'
const LOAD = { contextTokens: 4_096 }

const clock = new ShiftedClock(order.clockOffsetMs)
const opened = await openStore({
  databaseUrl: order.databaseUrl,
  dataDir: order.dataDir,
  clock,
  random,
  log,
})
const { store, queue } = opened
const holder = `${order.name}-${process.pid}`
const own = { store: broken(store, order.break), journal: createMoneyJournal(order.dataDir), log, holder, clock }
const whole = fleetPartsFor(order.runpod, own)
const market = order.break === 'unread-bills' ? null : whole.market
const parts = { ...whole, market, checkpoint: dieAt(order.crashAt) }
const policy = { ...VIRTUAL_POLICY, installId: 'chaos000', maxCreatesPerHour: 10_000, timings: FAST_TIMINGS }
const engines = new FleetEngines(parts, policy)
const runner = createJobRunner({ store, queue, clock, log })

const definition: JobDefinition<null> = {
  kind: 'infer',
  parse: () => null,
  async run(context) {
    const answer = await context.step('answer', async () => {
      const lease = await engines.acquire(
        {
          jobId: context.job.id,
          repository: null,
          user: null,
          model: MODEL,
          load: LOAD,
          slotsWanted: 1,
          deadlineAt: context.job.deadlineAt,
          maxCostMicroUsd: microUsdFromUsd(1),
        },
        context.signal,
      )
      try {
        const signal = AbortSignal.any([context.signal, lease.lost])
        const messages = [{ role: 'user' as const, content: `say ${context.job.id}` }]
        const request = { model: MODEL, messages, load: LOAD, maxOutputTokens: 2_048, temperature: 0, seed: 1 }
        return (await lease.engine.chat(request, { signal })).content
      } catch (error) {
        throw lease.lost.aborted ? lease.lost.reason : error
      } finally {
        await lease.release()
      }
    })
    await context.assertOwned()
    // Published as a review is: what an attempt that died after publishing has left is found, and not written again.
    const published = await readFile(order.sink, 'utf8')
    if (!published.includes(context.job.id)) await appendFile(order.sink, `${context.job.id}\n`)
    return { outcome: 'answered', result: answer, costMicroUsd: microUsdFromUsd(0) }
  },
  async onFailed(context, error) {
    await appendFile(order.failures, `${context.job.id} ${error.code} ${error.message}\n`)
  },
}

runner.define(definition)
await runner.start({ infer: 2 })
const over = new AbortController()
const loop = reconcile(parts, policy, over.signal)
process.on('message', (message: ToWorker) => void answer(message))
tell({ kind: 'up' })

async function answer(message: ToWorker): Promise<void> {
  try {
    switch (message.kind) {
      case 'submit':
        await submit(message.id)
        return tell({ kind: 'accepted', id: message.id })
      case 'report':
        return tell({ kind: 'report', ...(await report()) })
      case 'set-clock':
        return clock.set(message.offsetMs)
      case 'end':
        over.abort(new Error('the run is over'))
        await loop
        await opened.close()
        process.exit(0)
    }
  } catch (error) {
    log.warn(
      { error: isCodedError(error) ? `${error.code}: ${error.message}` : String(error) },
      'A message was not answered',
    )
  }
}

async function submit(id: string): Promise<void> {
  try {
    await runner.createJob(inferJob(jobId.parse(id), clock.now(), 10 * 60_000))
  } catch (error) {
    // Sent again because its receipt was lost with the process: it is there already.
    if (!(error instanceof StoreError && error.code === 'conflict')) throw error
  }
}

async function report(): Promise<LedgerReport & { readonly livePods: number }> {
  const [spent, settlements, live] = await Promise.all([
    store.ledger.spent(0),
    store.ledger.settlements(0),
    store.pods.listLive(),
  ])
  const byBills = settlements.reduce(
    (sum, { clockMicroUsd, billMicroUsd }) => sum + (billMicroUsd === null ? 0 : billMicroUsd - clockMicroUsd),
    0,
  )
  const unbilled = settlements.filter((entry) => entry.billMicroUsd === null && entry.clockMicroUsd > 0).length
  const byClock = Object.fromEntries(settlements.map(({ podName, clockMicroUsd }) => [podName, clockMicroUsd]))
  return { ledgerMicroUsd: spent, clockMicroUsd: spent - byBills, unbilled, byClock, livePods: live.length }
}

function tell(message: FromWorker): void {
  process.send?.(message)
}

/** Ends this process exactly at a named step boundary, as a power cut would. */
function dieAt(crashAt: string | null): (name: string) => void {
  return (name) => {
    if (name === crashAt) process.kill(process.pid, 'SIGKILL')
  }
}

function loudLog(isLoud: boolean): Log {
  if (!isLoud) return silentLog
  const say = (facts: unknown, sentence: string) =>
    process.stderr.write(`${new Date().toISOString().slice(14)} ${order.name} ${sentence} ${JSON.stringify(facts)}\n`)
  return { debug: () => {}, info: say, warn: say, error: say }
}
