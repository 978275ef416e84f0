/** What a rule does when it answers `fail` or `unknown`: nothing at all, show it quietly, show it as a warning, or hold the change. */
export const RULE_LEVELS = ['off', 'log', 'warn', 'block'] as const
export type RuleLevel = (typeof RULE_LEVELS)[number]

/** Every governance rule with the level it has when devloop.yml does not name it, and the sentence editors show. */
export const RULE_DEFAULTS = {
  'branch/name': { level: 'block', says: 'The head branch matches `branches.feature` or is exempt.' },
  'branch/target': {
    level: 'block',
    says: 'Feature branches aim at staging; main is fed by staging, release and hotfix only.',
  },
  'branch/direct-push': { level: 'warn', says: 'No commit reaches main or staging without a pull request or a task.' },
  'review/approved': { level: 'block', says: 'Enough counted approvals stand on the current head SHA.' },
  'review/independent': {
    level: 'block',
    says: 'No approval comes from somebody who wrote, pushed or launched the change.',
  },
  'checks/green': { level: 'block', says: 'Every other check and status on the head SHA is successful.' },
  'plan/one-active': { level: 'block', says: 'Exactly one plan file lies in `active/`.' },
  'plan/name-version': {
    level: 'block',
    says: 'File name, title and front matter name one version; no stray file lies in `active/`.',
  },
  'plan/ghost': { level: 'block', says: 'No version and no content is both active and archived.' },
  'plan/archive-frozen': { level: 'block', says: 'Archived plans do not change.' },
  'plan/archive-open': { level: 'block', says: 'A plan is archived only when each task is done or deferred.' },
  'plan/silent-edit': { level: 'block', says: 'A content edit of the plan is one version step.' },
  'plan/phase-bump': { level: 'block', says: 'Closing a phase and raising the minor version go together.' },
  'plan/approved-edit': { level: 'block', says: 'A plan owner approved the content edit on this head SHA.' },
  'plan/branch-phase': { level: 'block', says: 'The phase in the branch name is the current one.' },
  'plan/task-ref': { level: 'warn', says: 'The change cites open, unblocked tasks of its phase.' },
  'plan/scope': { level: 'warn', says: 'Each changed file lies in the paths of a cited task.' },
  'plan/phantom-tick': {
    level: 'block',
    says: 'A ticked box was earned by a pull request that cites the task and touches its paths.',
  },
  'plan/missing-tick': { level: 'warn', says: 'The box of merged work is ticked.' },
  'plan/revert-tick': { level: 'warn', says: 'The box of reverted work is open again.' },
  'plan/id-loss': { level: 'block', says: 'No task id vanishes without a tombstone.' },
  'plan/base-moved': { level: 'block', says: 'The plan sections this change relies on did not change on the base.' },
  'plan/overlap': { level: 'warn', says: 'No two open pull requests claim one task or the same paths.' },
  'plan/stale': { level: 'warn', says: 'The plan moves while work is merged.' },
  'agents/rules-in-sync': { level: 'warn', says: "The agents' rule files are those the policy generates." },
} as const satisfies Record<string, { level: RuleLevel; says: string }>

export type RuleId = keyof typeof RULE_DEFAULTS

export const RULE_IDS = Object.keys(RULE_DEFAULTS) as readonly RuleId[]
