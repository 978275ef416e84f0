import { ApiError } from '../api-error.ts'
import { listDiff, renderDiff } from '../git/diff.ts'
import type { Call, Reply } from './route.ts'

const maxLines = 20_000
const maxFiles = 300

/** The unified diff between two commits, as `application/vnd.github.diff` sends it. */
export async function answerDiff(call: Call, from: string, to: string): Promise<Reply> {
  const files = await listDiff(call.git, from, to)
  if (files.length > maxFiles) throw tooLarge(`files (${maxFiles})`)
  const text = await renderDiff(call.git, from, to)
  if (text.split('\n').length > maxLines) throw tooLarge(`lines (${maxLines})`)
  return { status: 200, text, contentType: 'application/vnd.github.diff; charset=utf-8' }
}

/** The commits between two commits as mails, as `application/vnd.github.patch` sends them. */
export async function answerPatch(call: Call, from: string, to: string): Promise<Reply> {
  const text = (await call.git.run(['format-patch', '--stdout', '--no-color', `${from}..${to}`])).stdout.toString(
    'utf8',
  )
  return { status: 200, text, contentType: 'application/vnd.github.patch; charset=utf-8' }
}

function tooLarge(what: string): ApiError {
  const message = `Sorry, the diff exceeded the maximum number of ${what}. Consider using 'List pull requests files' API or locally cloning the repository instead.`
  return new ApiError(406, message, [{ resource: 'PullRequest', field: 'diff', code: 'too_large' }])
}
