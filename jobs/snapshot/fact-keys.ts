/** Names under which small facts lie in the store. `name` is `owner/name`. */
export const factKeys = {
  /** The last good devloop.yml of a base branch. */
  policy: (name: string, baseRef: string) => `${factKeys.policies(name)}${baseRef}`,
  policies: (name: string) => `policy:${name}:`,
  /** Set while automatic reviews of a pull request are paused. */
  paused: (name: string, number: number) => `paused:${name}#${number}`,
  /** Who began last to judge a pull request. */
  turn: (name: string, number: number) => `turn:${name}#${number}`,
  /** Who pushed to a pull request and which heads it had. */
  pushers: (name: string, number: number) => `pushers:${name}#${number}`,
  /** Latest pushes to any branch that is a base. */
  pushes: (name: string) => `pushes:${name}`,
  /** Commits that merging a pull request made. */
  merges: (name: string) => `merges:${name}`,
  /** Which of the branches that the policy names exist; dropped when a branch is created or deleted. */
  branches: (name: string) => `branches:${name}`,
  /** Whether anybody reports commit statuses in this repository. */
  statuses: (name: string) => `statuses:${name}`,
  /** Branches that pull requests aim at. */
  bases: (name: string) => `bases:${name}`,
}
