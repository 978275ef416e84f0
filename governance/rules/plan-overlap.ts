import { fail, judgement, pass, type Rule, skip } from '../rule.ts'
import type { OpenPullRequest } from '../snapshot.ts'
import { CannotTell } from '../rule.ts'
import type { View } from '../view.ts'

export const planOverlap: Rule = {
  id: 'plan/overlap',
  reads: ['head', 'branch', 'body', 'files', 'open'],
  evaluate(view) {
    view.skipInGroup()
    view.needPlanFolder()
    if (!view.isPlannedWork) return skip('this branch carries no planned work')
    const own = view.snapshot.change.number
    const others = [...new Map(view.see(view.snapshot.open).map((other) => [other.number, other])).values()].filter(
      (other) => other.number !== own,
    )
    const clashes = others.sort((a, b) => a.number - b.number).flatMap((other) => clashWith(view, other))
    const values = {
      'other open pull requests': String(others.length),
      overlapping: clashes.map((clash) => `#${clash.number}`).join(', ') || 'none',
    }
    if (clashes.length === 0)
      return pass(`none of ${others.length} other open pull requests claims these tasks or files`, values)
    const shown = clashes
      .slice(0, 5)
      .map((clash) => `#${clash.number} (${clash.what})`)
      .join(', ')
    return fail(
      `another open pull request claims the same: ${shown}${clashes.length > 5 ? ` and ${clashes.length - 5} more` : ''}`,
      {
        values,
        remedy: judgement('Agree on who goes first, or split the task', 'the authors of these pull requests'),
      },
    )
  },
}

function clashWith(view: View, other: OpenPullRequest): { number: number; what: string }[] {
  const task = cited(view).find((id) => other.tasks.includes(id))
  if (task !== undefined) return [{ number: other.number, what: task }]
  const claims = other.paths ?? other.tasks.flatMap((id) => planPaths(view, id))
  const path = claims.map((claim) => firstMatch(view, claim, other.paths !== null)).find((found) => found !== undefined)
  return path === undefined ? [] : [{ number: other.number, what: path }]
}

/** A file both change. Plans and files allowed everywhere are shared by design. */
function firstMatch(view: View, claim: string, isFile: boolean): string | undefined {
  if (isFile) return view.ownFiles.has(claim) ? claim : undefined
  return view.ownIndex.some(claim)
}

function planPaths(view: View, id: string): readonly string[] {
  try {
    return view.tasksById.get(id)?.paths ?? []
  } catch (error) {
    if (error instanceof CannotTell) return []
    throw error
  }
}

function cited(view: View): readonly string[] {
  try {
    return view.citedIds
  } catch (error) {
    if (error instanceof CannotTell) return []
    throw error
  }
}
