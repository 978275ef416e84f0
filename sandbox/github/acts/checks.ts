import { ApiError, validationFailed } from '../api-error.ts'
import { findSha } from '../git/commits.ts'
import { renderCheckRunEvent, suiteOutcome } from '../render/render-check.ts'
import type { Actor } from '../state/account.ts'
import type { Annotation, CheckAction, CheckRun, CheckStatus, Conclusion } from '../state/check.ts'
import type { Repository } from '../state/repository.ts'
import { emit } from '../webhooks/emit.ts'
import type { World } from '../world.ts'
import { ensureSuite, emitSuite } from './suites.ts'
import { advanceQueue } from './merge-queue.ts'

export interface CheckRunChange {
  readonly name?: string | undefined
  readonly externalId?: string | undefined
  readonly detailsUrl?: string | undefined
  readonly status?: CheckStatus | undefined
  readonly conclusion?: Conclusion | undefined
  readonly startedAt?: string | undefined
  readonly completedAt?: string | undefined
  readonly output?: CheckOutput | undefined
  readonly actions?: readonly CheckAction[] | undefined
}

export interface CheckOutput {
  readonly title?: string | undefined
  readonly summary?: string | undefined
  readonly text?: string | undefined
  readonly annotations?: readonly Annotation[] | undefined
}

const maxOutputCharacters = 65_535
const maxAnnotations = 50
const maxSameName = 1000

export async function createCheckRun(
  world: World,
  repository: Repository,
  request: CheckRunChange & { name: string; headSha: string; appId: number; actor: Actor },
): Promise<CheckRun> {
  const { name, appId, actor } = request
  checkChange(request)
  const headSha = await findSha(world.git(repository), request.headSha)
  if (headSha === undefined) throw new ApiError(422, `No commit found for SHA: ${request.headSha}`)
  const pullRequest = [...repository.pullRequests.values()].find((candidate) => candidate.headSha === headSha)
  const branch = pullRequest?.headRepositoryId === repository.id ? pullRequest.headRef : null
  const suite = ensureSuite(world, repository, { appId, headSha, branch, before: '0'.repeat(40) })
  const run: CheckRun = {
    id: world.nextId(),
    suiteId: suite.id,
    appId,
    headSha,
    name,
    externalId: '',
    detailsUrl: null,
    status: 'queued',
    conclusion: null,
    startedAt: world.now(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    actions: [],
    annotations: [],
  }
  dropOldest(repository, suite.id, name)
  repository.runs.set(run.id, run)
  apply(world, run, request)
  emitRun(world, repository, { run, action: 'created', actor })
  if (run.status === 'completed') await completed(world, repository, run, actor)
  return run
}

export async function updateCheckRun(
  world: World,
  repository: Repository,
  run: CheckRun,
  change: CheckRunChange & { actor: Actor },
): Promise<void> {
  checkChange(change)
  const wasCompleted = run.status === 'completed'
  apply(world, run, change)
  if (run.status === 'completed' && !wasCompleted) await completed(world, repository, run, change.actor)
  else world.changed(repository)
}

/** Somebody presses "Re-run": the App that owns the run hears of it. */
export function rerequestRun(world: World, repository: Repository, run: CheckRun, actor: Actor): void {
  emitRun(world, repository, { run, action: 'rerequested', actor, isForOwner: true })
}

/** Somebody presses one of the buttons the App put under its run. */
export function requestAction(
  world: World,
  repository: Repository,
  run: CheckRun,
  request: { identifier: string; actor: Actor },
): void {
  const { identifier, actor } = request
  if (!run.actions.some((action) => action.identifier === identifier)) {
    throw validationFailed({ resource: 'CheckRun', code: 'invalid', field: 'identifier' })
  }
  emitRun(world, repository, { run, action: 'requested_action', actor, isForOwner: true, identifier })
}

async function completed(world: World, repository: Repository, run: CheckRun, actor: Actor): Promise<void> {
  emitRun(world, repository, { run, action: 'completed', actor })
  const suite = repository.suites.get(run.suiteId)
  if (suite === undefined) return
  suite.updatedAt = world.now()
  if (suiteOutcome(repository, suite).status === 'completed') {
    await emitSuite(world, repository, { suite, action: 'completed', actor })
  }
  await advanceQueue(world, repository)
}

function apply(world: World, run: CheckRun, change: CheckRunChange): void {
  run.name = change.name ?? run.name
  run.externalId = change.externalId ?? run.externalId
  run.detailsUrl = change.detailsUrl ?? run.detailsUrl
  run.startedAt = change.startedAt ?? run.startedAt
  run.actions = change.actions ?? run.actions
  run.title = change.output?.title ?? run.title
  run.summary = change.output?.summary ?? run.summary
  run.text = change.output?.text ?? run.text
  run.annotations.push(...(change.output?.annotations ?? []))
  // A conclusion completes the run, whatever status was sent with it.
  const status = change.conclusion === undefined ? change.status : 'completed'
  if (status !== undefined && status !== 'completed') {
    run.conclusion = null
    run.completedAt = null
  }
  run.status = status ?? run.status
  if (change.conclusion !== undefined) {
    run.conclusion = change.conclusion
    run.completedAt = change.completedAt ?? world.now()
  }
}

function checkChange(change: CheckRunChange): void {
  const resource = 'CheckRun'
  if (change.status === 'completed' && change.conclusion === undefined) {
    throw new ApiError(422, 'Invalid request.\n\nNo subschema in "anyOf" matched.\n"conclusion" wasn\'t supplied.')
  }
  for (const field of ['summary', 'text'] as const) {
    const length = change.output?.[field]?.length ?? 0
    if (length <= maxOutputCharacters) continue
    const message = `${field} exceeds a maximum bytesize of ${maxOutputCharacters}`
    throw validationFailed({ resource, code: 'custom', field, message })
  }
  const annotations = change.output?.annotations?.length ?? 0
  if (annotations > maxAnnotations) {
    throw new ApiError(
      422,
      `Invalid request.\n\nNo more than ${maxAnnotations} items are allowed; ${annotations} were supplied.`,
    )
  }
  const actions = change.actions ?? []
  if (actions.length > 3)
    throw new ApiError(422, `Invalid request.\n\nNo more than 3 items are allowed; ${actions.length} were supplied.`)
  for (const action of actions) {
    const isTooLong = action.label.length > 20 || action.description.length > 40 || action.identifier.length > 20
    if (isTooLong)
      throw new ApiError(
        422,
        'Invalid request.\n\nOnly 20 characters are allowed for a label, 40 for a description, 20 for an identifier.',
      )
  }
}

// GitHub keeps a thousand runs of one name in a suite and drops the oldest without a word.
function dropOldest(repository: Repository, suiteId: number, name: string): void {
  const same = [...repository.runs.values()].filter((run) => run.suiteId === suiteId && run.name === name)
  const oldest = same[0]
  if (same.length >= maxSameName && oldest !== undefined) repository.runs.delete(oldest.id)
}

function emitRun(
  world: World,
  repository: Repository,
  event: {
    run: CheckRun
    action: 'created' | 'completed' | 'rerequested' | 'requested_action'
    actor: Actor
    isForOwner?: boolean
    identifier?: string
  },
): void {
  const { run, action, actor, isForOwner = false, identifier } = event
  emit(world, {
    name: 'check_run',
    action,
    actor,
    repository,
    payload: {
      check_run: renderCheckRunEvent(world, repository, run),
      ...(identifier === undefined ? {} : { requested_action: { identifier } }),
    },
    ...(isForOwner ? { onlyAppId: run.appId } : {}),
  })
}
