import { type Approval, shortSha } from '../approvals.ts'
import { checkAgain, fail, judgement, pass, type Fix, type Rule, unknown } from '../rule.ts'
import type { Snapshot } from '../snapshot.ts'
import type { View } from '../view.ts'
import { anotherPerson, withApproval } from '../what-if.ts'

export const reviewApproved: Rule = {
  id: 'review/approved',
  reads: ['head', 'reviews', 'commits'],
  evaluate(view) {
    if (view.isGroup) return judgeGroup(view)
    const needed = view.policy.reviews.approvals
    if (needed === 0) return pass('the policy asks for no approval')
    const { approvals } = view
    const counted = approvals.filter((approval) => approval.counts)
    const values = {
      needed: String(needed),
      counted: counted.map((approval) => approval.login).join(', ') || 'none',
      'not counted':
        approvals
          .filter((approval) => !approval.counts)
          .map(notCounted)
          .join('; ') || 'none',
    }
    const head = shortSha(view.snapshot.change.headSha)
    if (counted.length < needed) {
      return fail(`${counted.length} of ${needed} approvals count on ${head}${explain(approvals)}`, {
        values,
        remedy: judgement(remedyText(view), whoMay(view)),
      })
    }
    const [missing] = view.policy.reviews.independent ? view.makers.missing : []
    if (missing !== undefined)
      return unknown(
        `${counted.length} approvals stand on ${head}, but who made the change is not known in full: ${missing}`,
        checkAgain,
        { values },
      )
    return pass(`${counted.length} of ${needed} approvals count on ${head} (${values.counted})`, values)
  },
  fixes(view) {
    return view.isGroup ? [] : [nextApproval(view)]
  },
}

/** A group has no reviews of its own: each member must be green by itself. */
function judgeGroup(view: View) {
  const { members } = view.snapshot.change
  const bad = members.filter((member) => member.conclusion !== 'success' && member.conclusion !== 'neutral')
  if (bad.length === 0)
    return pass(
      `each pull request of the group (${members.map((member) => `#${member.number}`).join(', ')}) is green by itself`,
    )
  const shown = bad.map(
    (member) => `#${member.number} (${member.conclusion ?? 'no verdict'} at ${shortSha(member.headSha)})`,
  )
  return fail(`not green by itself: ${shown.join(', ')}`, {
    remedy: judgement('Take these pull requests out of the merge queue and make them green first', 'a maintainer'),
  })
}

function notCounted(approval: Approval): string {
  return `${approval.login}: ${approval.why ?? 'does not count'}`
}

function explain(approvals: readonly Approval[]): string {
  const refused = approvals.filter((approval) => !approval.counts)
  return refused.length === 0 ? '' : `; not counted: ${refused.map(notCounted).join('; ')}`
}

function remedyText(view: View): string {
  return takesHumans(view)
    ? 'Review and approve the current head'
    : 'Comment `/devloop review` and settle what it finds'
}

function whoMay(view: View): string {
  return takesHumans(view) ? 'somebody who neither wrote, pushed nor launched the change' : 'anybody with write access'
}

function takesHumans(view: View): boolean {
  return view.policy.reviews.count.includes('human')
}

function nextApproval(view: View): Fix {
  const given = 'seen' in view.snapshot.reviews ? view.snapshot.reviews.seen.length : 0
  return {
    kind: 'approval',
    text: takesHumans(view) ? 'Approve the current head' : 'Comment `/devloop review` and settle what it finds',
    who: whoMay(view),
    apply: (snapshot) =>
      takesHumans(view) ? withApproval(snapshot, anotherPerson(given)) : withAgentReview(snapshot, view),
  }
}

function withAgentReview(snapshot: Snapshot, view: View): Snapshot {
  const login = snapshot.appLogin ?? view.policy.reviews.seniorAgents[0] ?? 'devloop[bot]'
  const runs = 'seen' in snapshot.agentReviews ? snapshot.agentReviews.seen : []
  const run = {
    login,
    headSha: snapshot.change.headSha,
    outcome: 'clean',
    coverage: 'full',
    openSevereFindings: 0,
    finishedAt: snapshot.now,
  } as const
  return { ...snapshot, agentReviews: { seen: [...runs, run] } }
}
