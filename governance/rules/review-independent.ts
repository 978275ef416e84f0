import { fail, judgement, pass, type Rule, skip } from '../rule.ts'
import { anotherPerson, withApproval } from '../what-if.ts'

export const reviewIndependent: Rule = {
  id: 'review/independent',
  reads: ['head', 'reviews', 'commits'],
  evaluate(view) {
    view.skipInGroup()
    if (!view.policy.reviews.independent) return skip('switched off by `reviews.independent: false`')
    const { approvals } = view
    const needed = view.policy.reviews.approvals
    const own = approvals.filter((approval) => approval.madeIt !== null)
    const counted = approvals.filter((approval) => approval.counts)
    const values = {
      'made by':
        [...view.makers.makers]
          .map(([key, roles]) => `${key.replace(/^\w+:/u, '')} (${[...roles].sort().join(', ')})`)
          .sort()
          .join('; ') || 'nobody known',
      'own approvals': own.map((approval) => approval.login).join(', ') || 'none',
    }
    const names = own.map((approval) => `${approval.login} ${approval.madeIt}`).join('; ')
    // Approvals that do not count do no harm beside enough that do; else one more approval could turn a green check red.
    if (counted.length >= needed)
      return pass(
        own.length === 0 ? 'every approval is independent' : `enough approvals are independent; not counted: ${names}`,
        values,
      )
    if (own.length === 0) return skip('nobody who made the change has approved it, and not enough others have yet')
    return fail(`an approval does not count, because its approver made the change: ${names}`, {
      values,
      remedy: judgement('Ask somebody for a review who neither wrote, pushed nor launched the change'),
    })
  },
  fixes(view) {
    const given = 'seen' in view.snapshot.reviews ? view.snapshot.reviews.seen.length : 0
    return [
      {
        kind: 'approval',
        text: 'Approve the current head',
        who: 'somebody who neither wrote, pushed nor launched the change',
        apply: (snapshot) => withApproval(snapshot, anotherPerson(given)),
      },
    ]
  },
}
