/** Hidden in our comments so that we find them again. Whoever forges one in another account's comment gains nothing: the author is checked. */
export const summaryMarker = '<!-- devloop:review-summary -->'

export function findingMarker(id: string): string {
  return `<!-- devloop:finding:${id} -->`
}

/** The id in a comment of ours; undefined in any other comment. */
export function readFindingMarker(body: string): string | undefined {
  return /<!-- devloop:finding:([0-9a-f]{12}(?:-\d+)?) -->/u.exec(body)?.[1]
}

/** Stands in the body of a review call: a review whose reply was lost is found by it and not posted again. */
export function reviewMarker(runId: string): string {
  return `<!-- devloop:review:${runId} -->`
}
