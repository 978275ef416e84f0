import type { Approval } from '../approvals.ts'
import { hasPermission } from '../permission.ts'
import { checkAgain, fail, judgement, pass, type Rule, unknown } from '../rule.ts'
import type { View } from '../view.ts'
import { anotherPerson, withApproval } from '../what-if.ts'

export const planApprovedEdit: Rule = {
  id: 'plan/approved-edit',
  reads: ['head', 'files', 'reviews', 'commits'],
  evaluate(view) {
    view.skipInGroup()
    if (!view.planDiff.contentChanged) return pass('the content of the plan is the same')
    const owners = ownersOf(view)
    const approvals = view.approvals.filter((approval) => approval.counts)
    const values = {
      owners: describeOwners(view),
      approvals: approvals.map((approval) => approval.login).join(', ') || 'none',
    }
    const owner = approvals.find((approval) => isOwner(view, owners, approval) === true)
    if (owner) return pass(`${owner.login}, an owner of the plan, approved the edit on this head`, values)
    const unsure = approvals.find((approval) => isOwner(view, owners, approval) === null)
    if (unsure)
      return unknown(`the plan changed; whether ${unsure.login} is one of its owners could not be seen`, checkAgain, {
        values,
      })
    return fail('the content of the plan changed, and no owner of the plan approved that on this head', {
      values,
      where: [{ path: view.headPlan.path, line: 1 }],
      remedy: judgement('Approve the current head', describeOwners(view)),
    })
  },
  fixes(view) {
    const given = 'seen' in view.snapshot.reviews ? view.snapshot.reviews.seen.length : 0
    const person = ownersOf(view)
      .find((owner) => !owner.includes('/'))
      ?.replace(/^@/u, '')
    const maker =
      person !== undefined && view.policy.reviews.independent && view.makers.makers.has(`login:${person.toLowerCase()}`)
    const team =
      'seen' in view.snapshot.teams
        ? Object.values(view.snapshot.teams.seen)
            .flat()
            .find((login) => !view.makers.makers.has(`login:${login.toLowerCase()}`))
        : undefined
    const login = person !== undefined && !maker ? person : team
    const reviewer = login === undefined ? anotherPerson(given) : { login, type: 'User' as const, email: null }
    return [
      {
        kind: 'owner-approval',
        text: 'Approve the current head, which changes the plan',
        who: describeOwners(view),
        apply: (snapshot) => withApproval(snapshot, reviewer, 'admin'),
      },
    ]
  },
}

/** Owners by the policy; without any, those the plan itself named before the change. */
function ownersOf(view: View): readonly string[] {
  const { owners } = view.policy.plan
  return owners.length > 0 ? owners : view.requireOldPlan().owners
}

function describeOwners(view: View): string {
  const owners = ownersOf(view)
  return owners.length > 0
    ? `an owner of the plan (${owners.join(', ')})`
    : `somebody with ${view.config.access.overrides} permission`
}

/** Null: it could not be seen. */
function isOwner(view: View, owners: readonly string[], approval: Approval): boolean | null {
  if (owners.length === 0)
    return approval.permission === null ? null : hasPermission(approval.permission, view.config.access.overrides)
  const login = approval.login.toLowerCase()
  if (owners.some((owner) => owner.replace(/^@/u, '').toLowerCase() === login)) return true
  const teams = owners.filter((owner) => owner.includes('/'))
  if (teams.length === 0) return false
  if ('unseen' in view.snapshot.teams) return null
  const members = view.snapshot.teams.seen
  const known = teams.filter((team) => members[team] !== undefined)
  if (known.some((team) => members[team]?.some((member) => member.toLowerCase() === login))) return true
  return known.length === teams.length ? false : null
}
