import { ApiError, validationFailed } from '../api-error.ts'

type Part = 'path' | 'line' | 'position' | 'start_line'

const reviewSentences: Readonly<Record<Part, string>> = {
  path: 'Path could not be resolved',
  line: 'Line could not be resolved',
  position: 'Position could not be resolved',
  start_line: 'Start line must precede the end line and be part of the same hunk',
}

/**
 * GitHub's refusal of a place outside the diff. A review is refused whole, with bare sentences; a single comment names
 * the field.
 */
export function notInDiff(form: 'single' | 'review', part: Part): ApiError {
  if (form === 'review') {
    const sentence =
      part === 'line'
        ? "Pull request review thread line must be part of the diff and Pull request review thread diff hunk can't be blank"
        : reviewSentences[part]
    return new ApiError(422, 'Unprocessable Entity', [sentence])
  }
  const resource = 'PullRequestReviewComment'
  if (part === 'position') return validationFailed({ resource, code: 'invalid', field: 'position' })
  const field = `pull_request_review_thread.${part}`
  const message = part === 'start_line' ? `${field} must precede the end line.` : `${field} must be part of the diff`
  return validationFailed(
    { resource, code: 'custom', field, message },
    { resource, code: 'missing_field', field: 'pull_request_review_thread.diff_hunk' },
  )
}
