import { usdFromMicroUsd } from '../../ports/money.ts'
import type { Mood, Tile } from './bits.ts'
import type { DashboardParts, DashboardStatus } from './parts.ts'
import { durationText, percentText, usdText } from './words.ts'

/** What the fleet promises; the tiles and the curves hold the numbers against it. */
export const TARGETS = { idleSpendRatio: 0.1, spinUpP95Ms: 60_000, inferenceP95Ms: 3_000 } as const

const WARN_SHARE = 0.8
const TELLING_MS = 3 * 86_400_000

export function statusTiles(
  { cost, queue, metrics }: DashboardStatus,
  budget: DashboardParts['budget'],
  now: number,
): readonly Tile[] {
  const perDay = usdFromMicroUsd(budget.perDayMicroUsd)
  const perMonth = usdFromMicroUsd(budget.perMonthMicroUsd)
  return [
    spend('Spent today', cost.todayUsd, perDay, null),
    spend('Spent this month', cost.monthUsd, perMonth, expectedUsd(cost.monthUsd, now)),
    {
      label: 'Queue',
      value: String(queue.waiting),
      note: `waiting · ${queue.active} at work`,
      mood: 'plain',
      share: null,
    },
    measured('Idle-spend', metrics.idleSpendRatio, TARGETS.idleSpendRatio, percentText),
    measured('Spin-up p95', metrics.spinUpP95Ms, TARGETS.spinUpP95Ms, durationText),
    measured('Inference p95', metrics.inferenceP95Ms, TARGETS.inferenceP95Ms, durationText),
    {
      label: 'Dollars per job',
      value: metrics.usdPerJob === null ? '–' : usdText(metrics.usdPerJob),
      note: 'this month',
      mood: 'plain',
      share: null,
    },
    {
      label: 'Plan drift',
      value: metrics.planDrift === null ? '–' : String(metrics.planDrift),
      note: 'target 0',
      mood: metrics.planDrift === null ? 'plain' : metrics.planDrift === 0 ? 'good' : 'warn',
      share: null,
    },
  ]
}

function spend(label: string, spentUsd: number, capUsd: number, expected: number | null): Tile {
  const share = capUsd === 0 ? 1 : spentUsd / capUsd
  const isTight = share >= WARN_SHARE || (expected ?? 0) > capUsd
  const mood: Mood = share >= 1 ? 'bad' : isTight ? 'warn' : 'good'
  const pace = expected === null ? '' : ` · ${usdText(expected)} at this pace`
  return { label, value: usdText(spentUsd), note: `of ${usdText(capUsd)}${pace}`, mood, share }
}

/** What the month comes to if it goes on like this; null while it is too young to tell. */
function expectedUsd(spentUsd: number, now: number): number | null {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  const [from, to] = [Date.UTC(year, month, 1), Date.UTC(year, month + 1, 1)]
  if (spentUsd === 0 || now - from < TELLING_MS) return null
  return (spentUsd * (to - from)) / (now - from)
}

function measured(label: string, value: number | null, target: number, text: (value: number) => string): Tile {
  return {
    label,
    value: value === null ? '–' : text(value),
    note: `${value !== null && value > target ? 'over the target of' : 'target'} ${text(target)}`,
    mood: value === null ? 'plain' : value <= target ? 'good' : 'warn',
    share: null,
  }
}
