import { renamed } from '../plan-fixes.ts'
import { compareVersions, findFileVersion, formatVersion } from '../plan/version.ts'
import { fail, mechanical, pass, type Fix, type Rule } from '../rule.ts'
import type { View } from '../view.ts'
import { withHeadFolder, withoutFile } from '../what-if.ts'

export const planNameVersion: Rule = {
  id: 'plan/name-version',
  reads: ['head', 'files'],
  evaluate(view) {
    view.needPlanFolder()
    const { plans, strays } = view.folder('head')
    const wrong = plans.flatMap((plan) => {
      const [first, ...rest] = plan.versionClaims
      const other = first && rest.find((claim) => compareVersions(claim.version, first.version) !== 0)
      const unread = plan.problems.filter((problem) => problem.code === 'front-matter' || problem.code === 'unreadable')
      const claims = plan.versionClaims.map((claim) => `${claim.by} ${formatVersion(claim.version)}`).join(', ')
      return [
        ...(other
          ? [
              {
                text: `${plan.path} names different versions (${claims})`,
                place: { path: plan.path, line: other.line },
              },
            ]
          : []),
        ...unread.map((problem) => ({ text: problem.message, place: { path: plan.path, line: problem.line } })),
      ]
    })
    const stray = strays.map((entry) => ({
      text: `${entry.path} ${strayKind(entry.mode)}`,
      place: { path: entry.path, line: 1 },
    }))
    const problems = [...wrong, ...stray]
    const values = {
      plans: plans.map((plan) => plan.path).join(', ') || 'none',
      strays: strays.map((entry) => entry.path).join(', ') || 'none',
    }
    if (problems.length === 0)
      return pass('file name, title and front matter agree, and nothing else lies beside the plan', values)
    return fail(problems.map((problem) => problem.text).join('; '), {
      values,
      where: problems.map((problem) => problem.place),
      remedy: mechanical(
        wrong.length > 0
          ? 'Make file name, title and front matter name one version (`devloop plan bump` does)'
          : 'Move these files elsewhere',
      ),
    })
  },
  fixes: (view) => [fixAll(view)],
}

function strayKind(mode: string): string {
  if (mode === '120000') return 'is a symlink, not a plan'
  if (mode === '160000') return 'is a submodule, not a plan'
  return 'is not a plan: plans are files named plan_vX.Y.md directly in active/'
}

function fixAll(view: View): Fix {
  const { plans, strays } = view.folder('head')
  return {
    kind: 'push',
    text:
      strays.length > 0
        ? `Move ${strays.map((entry) => entry.path).join(', ')} out of active/`
        : 'Make file name, title and front matter name one version',
    who: 'the author',
    apply: (snapshot) =>
      withHeadFolder(snapshot, (side) => {
        const clean = strays.reduce((rest, entry) => withoutFile(rest, entry.path), side)
        return plans.reduce((rest, plan) => {
          const version = findFileVersion(plan.path)
          return version ? renamed(rest, plan, { version }) : rest
        }, clean)
      }),
  }
}
