import { sha256 } from '../canonical-json.ts'
import type { Plan, Range } from './plan.ts'
import { renderScope } from './scope.ts'
import { applySplices } from './splice.ts'
import { withoutMarks } from './state-marks.ts'

const hashes = new WeakMap<Plan, string>()

/**
 * What the plan says, as a hash: phases, tasks, scopes and prose. Box states, state marks, evidence links, version, dates and white
 * space do not count, so that a tick is free and an edit is not.
 */
export function hashPlan(plan: Plan): string {
  const known = hashes.get(plan)
  if (known !== undefined) return known
  const hash = sha256(semanticText(plan))
  hashes.set(plan, hash)
  return hash
}

/** The same for one phase: its heading, prose and tasks. */
export function hashPhase(plan: Plan, number: number): string | null {
  const phase = plan.phases.find((candidate) => candidate.number === number)
  if (phase === undefined) return null
  return sha256(phase.range === null ? `phase ${number} ${phase.title}` : semanticText(plan, phase.range))
}

/** The same for everything but tasks. */
export function hashProse(plan: Plan): string {
  const tasks = plan.tasks.map(({ place }) => ({ ...place.range, text: '' }))
  return sha256(normalized(applySplices(plan.source, [...plan.free, ...tasks])))
}

function semanticText(plan: Plan, within?: Range): string {
  const tasks = plan.tasks.map(({ id, text, place }) => ({
    ...place.range,
    text: `[ ] ${id ?? ''} ${text} ${renderScope(place.braces)}`,
  }))
  return normalized(applySplices(plan.source, [...plan.free, ...tasks], within))
}

/** White space, and the dashes with which formatters pad tables, say nothing. */
function normalized(text: string): string {
  return withoutMarks(text).replaceAll(/-{3,}/gu, '---').replaceAll(/\s+/gu, ' ').trim()
}
