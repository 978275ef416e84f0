import { z } from 'zod'
import type { CheckRunWish, Checks, CheckView, Listing } from '../../ports/github.ts'
import type { CommitSha } from '../../ports/ids.ts'
import type { GithubClient } from './client.ts'
import { cutText, MAX_CHECK_TEXT_CHARS } from './cut-text.ts'
import { checkRunReply, statusReply } from './schema.ts'

/** GitHub takes at most 50 annotations a request; more are added by updating the run. */
const ANNOTATIONS_PER_REQUEST = 50
const MAX_REMEMBERED = 2000

export function checksOf(client: GithubClient, names: { readonly owner: string; readonly repo: string }): Checks {
  /** How many annotations a check run has; an update can add to them but never take one away. */
  const annotationCounts = new Map<number, number>()
  const remember = (id: number, count: number) => {
    annotationCounts.set(id, count)
    const oldest = annotationCounts.keys().next()
    if (annotationCounts.size > MAX_REMEMBERED && !oldest.done) annotationCounts.delete(oldest.value)
  }

  const listRuns = async (sha: CommitSha): Promise<Listing<CheckView>> => {
    const runs = await client.list(
      'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      { ...names, ref: sha, filter: 'latest' },
      z.object({ check_runs: z.array(checkRunReply) }).transform(({ check_runs }) => check_runs),
    )
    for (const { id, output } of runs.items) remember(id, output?.annotations_count ?? 0)
    return { items: runs.items.map(viewOfRun), complete: runs.complete }
  }
  const listStatuses = async (sha: CommitSha): Promise<Listing<CheckView>> => {
    const statuses = await client.list(
      'GET /repos/{owner}/{repo}/commits/{ref}/status',
      { ...names, ref: sha },
      z.object({ statuses: z.array(statusReply) }).transform((reply) => reply.statuses),
    )
    return { items: statuses.items.map(viewOfStatus), complete: statuses.complete }
  }

  return {
    async list(sha, only) {
      if (only === 'check-runs') return listRuns(sha)
      const [runs, statuses] = await Promise.all([listRuns(sha), listStatuses(sha)])
      return { items: [...runs.items, ...statuses.items], complete: runs.complete && statuses.complete }
    },
    async write(wish, known) {
      if (known !== undefined && isSame(wish, known)) return { id: known.id, written: false }
      const [first = [], ...more] = batches(wish.annotations)
      // Annotations of an older verdict cannot be removed from a run: a new run of the same name takes its place.
      // A completed run cannot be opened again either.
      const isUpdate =
        known !== undefined &&
        (annotationCounts.get(known.id) ?? 1) === 0 &&
        (known.status !== 'completed' || wish.status === 'completed')
      const body = { ...names, ...runBody(wish), output: outputOf(wish, first) }
      const run = isUpdate
        ? await client.write(
            'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
            { ...body, check_run_id: known.id },
            checkRunReply,
            { kind: 'content', isRepeatable: first.length === 0 },
          )
        : await client.write(
            'POST /repos/{owner}/{repo}/check-runs',
            { ...body, head_sha: wish.headSha },
            checkRunReply,
            { kind: 'content' },
          )
      for (const batch of more) {
        await client.write(
          'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
          { ...names, check_run_id: run.id, output: outputOf(wish, batch) },
          z.unknown(),
          { kind: 'content' },
        )
      }
      remember(run.id, wish.annotations.length)
      return { id: run.id, written: true }
    },
  }
}

/** GitHub gives texts back with other line ends and trimmed. */
function isSame(wish: CheckRunWish, known: CheckView): boolean {
  const same = (a: string | null, b: string) => (a ?? '').replaceAll('\r\n', '\n').trim() === b.trim()
  return (
    wish.status === known.status &&
    (wish.conclusion ?? null) === known.conclusion &&
    same(known.title, wish.title) &&
    same(known.summary, cutText(wish.summary, MAX_CHECK_TEXT_CHARS).replaceAll('\r\n', '\n'))
  )
}

function runBody(wish: CheckRunWish) {
  return {
    name: wish.name,
    status: wish.status,
    ...(wish.status === 'completed' && wish.conclusion !== undefined && { conclusion: wish.conclusion }),
    ...(wish.detailsUrl !== undefined && { details_url: wish.detailsUrl }),
    ...(wish.externalId !== undefined && { external_id: wish.externalId }),
    ...(wish.actions.length > 0 && { actions: wish.actions.slice(0, 3) }),
  }
}

function outputOf(wish: CheckRunWish, annotations: CheckRunWish['annotations']) {
  return {
    title: wish.title.slice(0, 255),
    summary: cutText(wish.summary, MAX_CHECK_TEXT_CHARS),
    ...(wish.text !== undefined && { text: cutText(wish.text, MAX_CHECK_TEXT_CHARS) }),
    ...(annotations.length > 0 && {
      annotations: annotations.map((annotation) => ({
        path: annotation.path,
        start_line: annotation.startLine,
        end_line: annotation.endLine,
        annotation_level: annotation.level,
        ...(annotation.title !== undefined && { title: annotation.title.slice(0, 255) }),
        message: annotation.message,
      })),
    }),
  }
}

function batches<T>(items: readonly T[]): T[][] {
  const found: T[][] = []
  for (let at = 0; at < items.length; at += ANNOTATIONS_PER_REQUEST)
    found.push(items.slice(at, at + ANNOTATIONS_PER_REQUEST))
  return found
}

function viewOfRun(run: z.infer<typeof checkRunReply>): CheckView {
  return {
    kind: 'check-run',
    id: run.id,
    name: run.name,
    app: run.app?.slug ?? null,
    status: run.status,
    conclusion: run.conclusion,
    title: run.output?.title ?? null,
    summary: run.output?.summary ?? null,
    externalId: run.external_id,
    detailsUrl: run.details_url,
  }
}

function viewOfStatus(status: z.infer<typeof statusReply>): CheckView {
  return {
    kind: 'status',
    id: status.id,
    name: status.context,
    app: null,
    status: status.state === 'pending' ? 'pending' : 'completed',
    conclusion: status.state === 'pending' ? null : status.state,
    title: status.description,
    summary: null,
    externalId: null,
    detailsUrl: status.target_url,
  }
}
