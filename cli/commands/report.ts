import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { readUsage } from '../../jobs/read-usage.ts'
import { renderUsageReport } from '../../jobs/usage-report.ts'
import { openLocalStore } from '../../parts/local-store.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import { usdFromMicroUsd } from '../../ports/money.ts'
import { usageError } from '../error.ts'
import type { CliWorld, CommandResult } from '../world.ts'

export interface ReportOptions {
  readonly month?: string
  readonly out?: string
  readonly json?: boolean
}

/** `devloop report`: what a month cost and brought, from the store. */
export async function report(options: ReportOptions, world: CliWorld): Promise<CommandResult> {
  const opened = await openLocalStore(readEnvironment(world.env, world.cwd))
  try {
    const nowMs = opened.clock.now()
    const month = options.month ?? new Date(nowMs).toISOString().slice(0, 7)
    const facts = await readUsage(opened.store, month, nowMs)
    if (facts === undefined) throw usageError(`--month ${month} is no month.`, 'Write it like 2026-11.')
    const text = `${renderUsageReport(facts)}\n`
    if (options.out !== undefined) await writeTo(resolve(world.cwd, options.out), text)
    const { spentMicroUsd, idleMicroUsd, jobs } = facts.thisMonth
    if (options.json) {
      const cost = { usd: usdFromMicroUsd(spentMicroUsd), idleUsd: usdFromMicroUsd(idleMicroUsd) }
      world.stdout(`${JSON.stringify({ month, jobs, cost, markdown: text })}\n`)
    } else if (options.out === undefined) world.stdout(text)
    else world.stderr(`${options.out} written.\n`)
    return { exitCode: 0 }
  } finally {
    await opened.close()
  }
}

async function writeTo(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((cause: unknown) => {
    throw usageError(`${path} could not be written.`, 'Name a file in an existing folder.', cause)
  })
}
