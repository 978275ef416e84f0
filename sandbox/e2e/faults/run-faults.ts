import type { RunpodOptions } from '../../runpod/settings.ts'
import type { FaultRow } from './fault-row.ts'
import { githubFaults } from './github-faults.ts'
import { type House, startHouse } from './house.ts'
import { type HouseFault, runHouseFault } from './house-fault.ts'
import { longOutage } from './long-outage.ts'
import { machineFaults } from './machine-faults.ts'
import { modelFaults } from './model-faults.ts'
import { podFaults } from './pod-faults.ts'
import { type ProcessFault, runProcessFault } from './process-fault.ts'

/** A row of the table, or the sentence that says why this machine cannot show it. */
export type Told = FaultRow | { readonly id: string; readonly cannot: string }

export interface FaultsWish {
  /** Those whose id contains it. */
  readonly only?: string
  /** Asks `devloop doctor` in the middle of each fault. */
  readonly withCli: boolean
  readonly onRow?: (told: Told) => void
}

const houseFaults: readonly HouseFault[] = [...githubFaults, ...podFaults, ...modelFaults]

/** Every fault of the table, in its order. */
export function faultIds(): readonly string[] {
  return [...houseFaults.map(({ id }) => id), longOutage.id, ...machineFaults.map(({ id }) => id)]
}

/** Breaks one thing after the other. */
export async function runFaults({ only = '', withCli, onRow }: FaultsWish): Promise<readonly Told[]> {
  const told: Told[] = []
  const tell = (row: Told) => {
    told.push(row)
    onRow?.(row)
  }
  await inHouses(
    houseFaults.filter(({ id }) => id.includes(only)),
    withCli,
    tell,
  )
  if (longOutage.id.includes(only)) tell(await longOutage.run())
  for (const it of machineFaults.filter(({ id }) => id.includes(only))) tell(await onMachine(it, withCli))
  return told
}

/** Faults that ask for nothing special share a house; one that was left in trouble is not used again. */
export async function inHouses(
  faults: readonly HouseFault[],
  withCli: boolean,
  tell: (row: FaultRow) => void,
  doorKind: 'honest' | 'lying' = 'honest',
): Promise<void> {
  let shared: House | undefined
  for (const it of faults) {
    const own: RunpodOptions | undefined = it.options
    if (own === undefined && shared === undefined) shared = await startHouse({}, doorKind)
    const house = own === undefined ? (shared ?? (await startHouse({}, doorKind))) : await startHouse(own, doorKind)
    const row = await runHouseFault(house, it, withCli)
    tell(row)
    if (own === undefined && row.lost.length === 0) continue
    await house.stop()
    if (own === undefined) shared = undefined
  }
  await shared?.stop()
}

async function onMachine(it: ProcessFault, withCli: boolean): Promise<Told> {
  const row = await runProcessFault(it, withCli)
  return typeof row === 'string' ? { id: it.id, cannot: row } : row
}
