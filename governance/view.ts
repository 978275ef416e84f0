import type { GovernanceConfig, ResolvedConfig } from '../config/resolved-config.ts'
import { type Approval, approvalsOf } from './approvals.ts'
import { type BranchKind, branchKind } from './branch-names.ts'
import { citedTaskIds, closedIssues, tasksOfIssues } from './citations.ts'
import { PathIndex } from './path-match.ts'
import { diffPlans, type PlanDiff } from './plan/diff.ts'
import type { Plan, Task } from './plan/plan.ts'
import { type PlanFolder, pickPlan, readPlanFolder } from './plan-folder.ts'
import { type Makers, makersOf } from './principals.ts'
import { CannotTell, mechanical } from './rule.ts'
import type { Part, Snapshot } from './snapshot.ts'

// What-if snapshots share their list of files with the snapshot they were made from, so indexes of thousands of files are made once.
const fileIndexes = new WeakMap<object, PathIndex>()
const ownIndexes = new WeakMap<object, WeakMap<object, PathIndex>>()

function memo<T>(known: WeakMap<object, T>, key: object, compute: () => T): T {
  const value = known.get(key) ?? compute()
  known.set(key, value)
  return value
}

/** A snapshot as rules ask it: what several of them need is worked out once, when the first one asks. Read-only. */
export class View {
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  readonly #known = new Map<string, unknown>()

  constructor(snapshot: Snapshot, config: ResolvedConfig) {
    this.snapshot = snapshot
    this.config = config
  }

  get policy(): GovernanceConfig {
    return this.config.governance
  }

  /** The value of a part; ends the rule with `skip` or `unknown` when it cannot be seen. */
  see<T>(part: Part<T>): T {
    if ('seen' in part) return part.seen
    throw new CannotTell(part.because === 'nature' ? 'skip' : 'unknown', part.unseen)
  }

  get isGroup(): boolean {
    return this.snapshot.change.kind === 'merge-group'
  }

  /** Rules about branches and people are decided on each pull request of a merge group, not on the group. */
  skipInGroup(): void {
    if (this.isGroup) throw new CannotTell('skip', 'decided on each pull request of the merge group')
  }

  get branch(): BranchKind {
    return this.#once('branch', () =>
      branchKind(this.see(this.snapshot.change.headRef), this.policy.branches, this.snapshot.change.fromFork),
    )
  }

  /** Where feature branches lead: staging if it is named and exists, else main. */
  get featureTarget(): string {
    const { staging, main } = this.policy.branches
    if (staging === null || staging === this.snapshot.change.baseRef) return staging ?? main
    return this.see(this.snapshot.existingBranches).includes(staging) ? staging : main
  }

  get files(): PathIndex {
    return this.#once('files', () => {
      const files = this.see(this.snapshot.files)
      return memo(fileIndexes, files, () => {
        const paths = files.map((file) => file.path)
        for (const file of files) if (file.previousPath !== undefined) paths.push(file.previousPath)
        return new PathIndex(paths)
      })
    })
  }

  /** Changed files that other changes should keep out of: without plans and files any change may touch. */
  get ownIndex(): PathIndex {
    return this.#once('own index', () => {
      const { plan } = this.policy
      return memo(
        memo(ownIndexes, this.see(this.snapshot.files), () => new WeakMap()),
        plan,
        () => {
          const shared = new Set([`${plan.dir}/**`, ...plan.allow].flatMap((glob) => this.files.matching(glob)))
          return new PathIndex(this.files.all.filter((path) => !shared.has(path)))
        },
      )
    })
  }

  get ownFiles(): ReadonlySet<string> {
    return this.#once('own files', () => new Set(this.ownIndex.all))
  }

  get makers(): { readonly makers: Makers; readonly missing: readonly string[] } {
    return this.#once('makers', () => makersOf(this.snapshot))
  }

  /** Every approval, counted or not. Ends the rule when reviews cannot be seen. */
  get approvals(): readonly Approval[] {
    return this.#once('approvals', () => {
      this.see(this.snapshot.reviews)
      if ('unseen' in this.snapshot.agentReviews && this.snapshot.agentReviews.because === 'failure')
        this.see(this.snapshot.agentReviews)
      return approvalsOf(this.snapshot, this.makers.makers, this.policy.reviews)
    })
  }

  folder(side: 'base' | 'mergeBase' | 'head'): PlanFolder {
    return this.#once(`folder ${side}`, () => readPlanFolder(this.see(this.snapshot.plans[side]), this.policy.plan.dir))
  }

  /** Ends a plan rule where there is no planning folder, neither before nor after the change. */
  needPlanFolder(): void {
    if (this.folder('head').exists) return
    const before = this.snapshot.plans.mergeBase
    if ('seen' in before && this.folder('mergeBase').exists) return
    throw new CannotTell('skip', `there is no ${this.policy.plan.dir}/ in this repository; \`devloop init\` begins one`)
  }

  /** The one active plan at head. */
  get headPlan(): Plan {
    this.needPlanFolder()
    const { plans } = this.folder('head')
    const [plan] = plans
    if (plan === undefined || plans.length > 1) {
      throw new CannotTell(
        'unknown',
        `${this.policy.plan.dir}/active/ holds ${plans.length} plans at head, so there is none to judge by`,
        mechanical('Put `plan/one-active` right first'),
      )
    }
    return plan
  }

  /** The active plan where the change began; null when there was none. */
  get oldPlan(): Plan | null {
    return this.#once('old plan', () => pickPlan(this.folder('mergeBase').plans, this.headPlan.path))
  }

  /** The active plan on the tip of the base; null when there is none. */
  get basePlan(): Plan | null {
    return this.#once('base plan', () => pickPlan(this.folder('base').plans, this.headPlan.path))
  }

  /** What the change does to the plan. */
  get planDiff(): PlanDiff {
    return diffPlans(this.requireOldPlan(), this.headPlan)
  }

  requireOldPlan(): Plan {
    const { oldPlan } = this
    if (oldPlan === null) throw new CannotTell('skip', 'there was no active plan before this change')
    return oldPlan
  }

  /** Ids of tasks this change cites, sorted. An unseen body counts as empty when the branch cites a task. */
  get citedIds(): readonly string[] {
    return this.#once('cited', () => {
      const { change } = this.snapshot
      if (this.isGroup) return [...new Set(change.members.flatMap((member) => member.tasks))].sort()
      const slug = 'seen' in change.headRef ? change.headRef.seen : ''
      const fromBranch = citedTaskIds('', slug)
      if ('unseen' in change.body && fromBranch.length > 0) return fromBranch
      const body = this.see(change.body)
      const fromIssues = tasksOfIssues(this.headPlan.tasks, closedIssues(body))
      return [...new Set([...citedTaskIds(body, slug), ...fromIssues])].sort()
    })
  }

  get tasksById(): ReadonlyMap<string, Task> {
    return this.#once('tasks', () => tasksById(this.headPlan))
  }

  /** True for changes that carry work of the plan: not for promotions, releases, dependency updates and the like. */
  get isPlannedWork(): boolean {
    return this.isGroup || this.branch.kind === 'feature' || this.branch.kind === 'unnamed'
  }

  #once<T>(key: string, compute: () => T): T {
    if (!this.#known.has(key)) this.#known.set(key, compute())
    return this.#known.get(key) as T
  }
}

export function tasksById(plan: Plan): ReadonlyMap<string, Task> {
  return new Map(plan.tasks.flatMap((task) => (task.id === null ? [] : [[task.id, task] as const])))
}
