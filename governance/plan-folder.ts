import { parsePlan } from './plan/parse.ts'
import type { Plan } from './plan/plan.ts'
import { compareVersions, findFileVersion } from './plan/version.ts'
import type { PlanSide, PlanTreeEntry } from './snapshot.ts'

/** The planning folder at one commit, understood. */
export interface PlanFolder {
  /** False when there is no planning folder at all. */
  readonly exists: boolean
  /** Regular files directly in `active/` with a plan's name. */
  readonly plans: readonly Plan[]
  /** Everything else in `active/`, symlinks and submodules included. */
  readonly strays: readonly PlanTreeEntry[]
}

const MAX_CACHED = 64
const parsed = new Map<string, Plan>()

/** Parsing is the dear part of an evaluation and depends on path and text alone, so the last few plans are kept. */
function parseOnce(text: string, path: string): Plan {
  const key = `${path}\n${text}`
  const known = parsed.get(key)
  if (known) return known
  const plan = parsePlan(text, path)
  if (parsed.size >= MAX_CACHED) parsed.delete(parsed.keys().next().value ?? '')
  parsed.set(key, plan)
  return plan
}

export function readPlanFolder(side: PlanSide, dir: string): PlanFolder {
  const active = `${dir}/active/`
  const entries = side.tree.filter((entry) => entry.path.startsWith(active) && entry.path !== `${active}.gitkeep`)
  const isPlan = (entry: PlanTreeEntry) =>
    isRegular(entry) &&
    !entry.path.slice(active.length).includes('/') &&
    findFileVersion(entry.path) !== undefined &&
    side.texts[entry.path] !== undefined
  return {
    exists: side.tree.length > 0,
    plans: entries.filter(isPlan).map((entry) => parseOnce(side.texts[entry.path] ?? '', entry.path)),
    strays: entries.filter((entry) => !isPlan(entry)),
  }
}

/** The plan to compare with: the one at `path`, else the one of the highest version. */
export function pickPlan(plans: readonly Plan[], path: string | undefined): Plan | null {
  const same = plans.find((plan) => plan.path === path)
  if (same) return same
  return [...plans].sort((a, b) => (a.version && b.version ? compareVersions(b.version, a.version) : 0))[0] ?? null
}

function isRegular(entry: PlanTreeEntry): boolean {
  return entry.mode === '100644' || entry.mode === '100755'
}
