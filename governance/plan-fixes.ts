import { folderOf, suggestStep } from './plan/bump.ts'
import { newPlanText } from './plan/complete.ts'
import { editPlan, type PlanEdit } from './plan/edit.ts'
import type { Plan } from './plan/plan.ts'
import { formatVersion, nextVersion, type PlanVersion, planFileName } from './plan/version.ts'
import type { Fix } from './rule.ts'
import type { View } from './view.ts'
import { withFile, withHeadFolder, withoutFile } from './what-if.ts'

/** The version the head plan must carry, given what the change does to the plan. */
export function rightVersion(view: View): PlanVersion | null {
  const old = view.requireOldPlan()
  const step = suggestStep(old, view.headPlan)
  return old.version && (step === null ? old.version : nextVersion(old.version, step))
}

/** A push that gives the head plan the right version: file name, title and front matter. */
export function versionFix(view: View): readonly Fix[] {
  const version = rightVersion(view)
  if (version === null) return []
  return [
    {
      kind: 'push',
      text: `Give the plan the version ${formatVersion(version)} (\`devloop plan bump\`)`,
      who: 'the author',
      apply: (snapshot) => withHeadFolder(snapshot, (side) => renamed(side, view.headPlan, { version })),
    },
  ]
}

/** A push that edits the head plan in place. */
export function editFix(view: View, text: string, edit: PlanEdit): Fix {
  const plan = view.headPlan
  return {
    kind: 'push',
    text,
    who: 'the author',
    apply: (snapshot) => withHeadFolder(snapshot, (side) => withFile(side, plan.path, editPlan(plan, edit))),
  }
}

/** The side with the plan edited and its file named after its version. */
export function renamed(
  side: Parameters<typeof withFile>[0],
  plan: Plan,
  edit: PlanEdit & { readonly version: PlanVersion },
) {
  const to = `${folderOf(plan.path)}${planFileName(edit.version)}`
  return withFile(withoutFile(side, plan.path), to, editPlan(plan, edit))
}

/** Where a first plan would lie and what would stand in it. */
export function renderNewPlan(view: View): { readonly path: string; readonly text: string } {
  const version = { major: 0, minor: 1, patch: 0 }
  const title = view.snapshot.repository.slice(view.snapshot.repository.lastIndexOf('/') + 1)
  const today = view.snapshot.now.slice(0, 10)
  return {
    path: `${view.policy.plan.dir}/active/${planFileName(version)}`,
    text: newPlanText({ title, version, today }),
  }
}
