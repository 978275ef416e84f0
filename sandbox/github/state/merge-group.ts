/** One entry of the merge queue: a pull request, merged on trial on a branch of its own. */
export interface MergeGroup {
  readonly pullRequestNumber: number
  readonly enqueuedBy: string
  readonly baseRef: string
  readonly baseSha: string
  readonly headRef: string
  readonly headSha: string
}
