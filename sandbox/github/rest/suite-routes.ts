import { repositoryAccess } from '../auth/access.ts'
import { ApiError } from '../api-error.ts'
import { suiteOf } from '../acts/find.ts'
import { emitSuite } from '../acts/suites.ts'
import { findSha, getCommit } from '../git/commits.ts'
import { renderCheckRun, renderSuite } from '../render/render-check.ts'
import type { CheckRun } from '../state/check.ts'
import { countedPage, created, ok, takePage } from './replies.ts'
import type { Call, Reply, Route } from './route.ts'

const read = repositoryAccess('checks', 'read', 'read')

/** The commit that `{ref}` names: a SHA, a branch, or a full ref. */
export async function refSha(call: Call): Promise<string> {
  const ref = call.param('ref')
  // GitHub lets no branch or tag look like a commit, so what looks like one needs no other try.
  const names = isCommitName(ref) ? [ref] : [`refs/heads/${ref}`, ref, `refs/tags/${ref}`]
  let sha: string | undefined
  for (const name of names) sha ??= await findSha(call.git, name)
  if (sha === undefined) throw new ApiError(422, `No commit found for SHA: ${ref}`)
  return sha
}

function isCommitName(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref)
}

function listRuns(call: Call, all: readonly CheckRun[]): Reply {
  const name = call.query('check_name')
  const status = call.query('status')
  const appId = call.query('app_id')
  const wanted = all
    .filter((run) => name === undefined || run.name === name)
    .filter((run) => status === undefined || run.status === status)
    .filter((run) => appId === undefined || run.appId === Number(appId))
  const items = call.query('filter') === 'all' ? wanted : latest(wanted)
  return countedPage(call, {
    items,
    name: 'check_runs',
    render: (run) => renderCheckRun(call.world, call.repository, run),
  })
}

// Of several runs of one App under one name, only the newest counts.
function latest(runs: readonly CheckRun[]): CheckRun[] {
  return [...new Map(runs.map((run) => [`${run.appId} ${run.suiteId} ${run.name}`, run])).values()].reverse()
}

async function listSuites(call: Call): Promise<Reply> {
  const sha = await refSha(call)
  const appId = call.query('app_id')
  const suites = [...call.repository.suites.values()]
    .filter((suite) => suite.headSha === sha)
    .filter((suite) => appId === undefined || suite.appId === Number(appId))
  const { slice, headers } = takePage(call, suites)
  const rendered = await Promise.all(slice.map((suite) => render(call, suite.id)))
  return { status: 200, body: { total_count: suites.length, check_suites: rendered }, headers }
}

async function render(call: Call, id: number) {
  const suite = suiteOf(call.repository, id)
  const commit = await getCommit(call.git, suite.headSha)
  return renderSuite(call.world, call.repository, suite, commit)
}

export const suiteRoutes: readonly Route[] = [
  {
    name: 'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
    access: read,
    handle: async (call) => {
      const sha = await refSha(call)
      return listRuns(
        call,
        [...call.repository.runs.values()].filter((run) => run.headSha === sha),
      )
    },
  },
  { name: 'GET /repos/{owner}/{repo}/commits/{ref}/check-suites', access: read, handle: listSuites },
  {
    name: 'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}',
    access: read,
    handle: async (call) => ok(await render(call, call.number('check_suite_id'))),
  },
  {
    name: 'GET /repos/{owner}/{repo}/check-suites/{check_suite_id}/check-runs',
    access: read,
    handle: (call) => {
      const { id } = suiteOf(call.repository, call.number('check_suite_id'))
      return listRuns(
        call,
        [...call.repository.runs.values()].filter((run) => run.suiteId === id),
      )
    },
  },
  {
    name: 'POST /repos/{owner}/{repo}/check-suites/{check_suite_id}/rerequest',
    access: repositoryAccess('checks', 'write', 'write'),
    handle: async (call) => {
      const suite = suiteOf(call.repository, call.number('check_suite_id'))
      const event = { suite, action: 'rerequested' as const, actor: call.actor, onlyAppId: suite.appId }
      await emitSuite(call.world, call.repository, event)
      return created({})
    },
  },
]
