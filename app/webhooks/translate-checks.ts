import type { Intent } from './intent.ts'
import type { Translator } from './translate.ts'

/** `check_run` and `check_suite`. Our own runs matter only when somebody presses a button on them. */
export const translateCheck: Translator = (facts, repository, own, event) => {
  const check = facts.check_run ?? facts.check_suite
  if (check === undefined) return []
  const { action = '', sender, requested_action: requested } = facts
  const { head_sha: headSha } = check
  const numbers = (check.pull_requests ?? []).map(({ number }) => number)

  if (check.app?.id === own.appId) {
    if (sender === undefined || (action !== 'rerequested' && action !== 'requested_action')) return []
    const pressed = action === 'requested_action' ? (requested?.identifier ?? 'rerun') : 'rerun'
    const checkName = facts.check_run?.name ?? ''
    return [{ kind: 'check-action', repository, headSha, numbers, checkName, action: pressed, sender }]
  }
  // A suite ends when its runs have ended, and each run says so itself; what counts is that checks are done.
  if (facts.check_run === undefined)
    return action === 'completed'
      ? numbers.map((number): Intent => ({ kind: 'hint', repository, number, because: 'checks-finished' }))
      : []
  if (numbers.length === 0) return [{ kind: 'evaluate-head', repository, headSha, event }]
  return numbers.map((number) => ({ kind: 'evaluate', repository, number, event }))
}

/** A commit status names no pull request at all. */
export const translateStatus: Translator = (facts, repository, _own, event) => {
  if (facts.sha === undefined) return []
  return [
    { kind: 'remember', repository, fact: { kind: 'status' } },
    { kind: 'evaluate-head', repository, headSha: facts.sha, event },
  ]
}
