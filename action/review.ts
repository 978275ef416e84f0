import { reviewInProcess } from '../parts/review-in-process.ts'
import { unlearnedRatio } from '../review/pack/token-ratio.ts'
import type { GithubRepository } from '../ports/github.ts'
import { microUsd } from '../ports/money.ts'
import { maxPromptsFor } from '../review/budget.ts'
import { estimateReview } from '../review/estimate.ts'
import { renderEstimate } from '../review/render/estimate.ts'
import { closingHttp, engineWishOf, type Spent } from './engine-wish.ts'
import { ActionError, workflowError } from './error.ts'
import { isForkEvent, readEvent, type WorkflowEvent } from './event.ts'
import type { Inputs } from './inputs.ts'
import { quietReview, type ReviewSource } from '../parts/quiet-review.ts'
import { sourceFromApi, withSourceFromCheckout } from './review-source.ts'
import { type ReviewSubject, reviewSubjectOf } from './review-subject.ts'
import { makeRunFolder } from './run-folder.ts'
import type { RunnerCommands } from './runner-commands.ts'
import { warnOfUnkeptLimit } from './said-cost.ts'
import { sayReview } from './say-review.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

const IDENTITY = { slug: 'github-actions', login: 'github-actions[bot]', permissions: {} }

/** `command: review`: what a model finds in a change, on the pull request or in this run. Nothing of the change is ever executed. */
export async function review(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): Promise<CommandEnd> {
  const event = readEvent(world.env)
  warnOfUnkeptLimit(inputs, runner)
  if (event.kind !== 'pull-request' && event.kind !== 'comment') throw wrongEvent(world)
  const withoutKey = isWithoutKey(inputs)
  if (withoutKey && isForkEvent(event)) return sayNothing(FORK, runner)
  if (inputs.githubToken === null) return reviewCheckout(event, inputs, world, runner)
  const { openTokenRepository } = await import('../parts/token-repository.ts')
  const github = openTokenRepository({
    apiUrl: world.env.GITHUB_API_URL ?? 'https://api.github.com',
    token: inputs.githubToken,
    repository: event.repository,
  })
  const isFree = inputs.engine !== 'runpod' && inputs.controller === null
  const subject = await reviewSubjectOf(event, github, { isFree })
  if (subject.kind === 'nothing') {
    if (subject.refused !== null && !inputs.dryRun) await refuse(github, subject.refused, runner)
    return sayNothing(subject.message, runner)
  }
  const focused = { ...subject, focus: subject.focus ?? inputs.prompt }
  if (inputs.comment && !inputs.dryRun) {
    const end = await reviewOnPullRequest(focused, github, inputs, world, runner)
    if (end !== 'unwritable') return end
    runner.annotate('notice', isForkEvent(event) ? FORK_READS : MAY_NOT_WRITE, { title: 'DevLoop' })
  }
  const source = await sourceFromApi(github, focused.view, focused.config, focused.focus)
  return reviewQuietly(source, inputs, world, runner)
}

type Subject = Extract<ReviewSubject, { readonly kind: 'review' }>

async function reviewOnPullRequest(
  subject: Subject,
  github: GithubRepository,
  inputs: Inputs,
  world: ActionWorld,
  runner: RunnerCommands,
): Promise<CommandEnd | 'unwritable'> {
  const { spent, onSpent } = counter()
  const wish = {
    ...engineWishOf(inputs, world, { folder: makeRunFolder(world, runner), onSpent }),
    config: subject.config,
  }
  const comment = subject.commentId === null ? null : { kind: 'issue' as const, id: subject.commentId }
  const { value } = await closingHttp(() =>
    reviewInProcess(wish, {
      github,
      identity: IDENTITY,
      number: subject.number,
      config: subject.config,
      requestedBy: subject.requestedBy,
      request: {
        trigger: subject.commentId === null ? 'auto' : 'command',
        focus: subject.focus,
        model: inputs.model,
        full: false,
        estimate: false,
        maxCostMicroUsd: inputs.maxCostMicroUsd,
        comment,
        // A push between the command and the reading was not asked for.
        boundTo: subject.isFork ? subject.view.headSha : null,
      },
    }),
  )
  world.signal.throwIfAborted()
  if (value.result !== null) return sayReview(value.result, spent(), inputs, { isPosted: true }, world, runner)
  if (isUnwritable(value.job.result)) return 'unwritable'
  const { error, outcome } = value.job
  runner.setOutput('outcome', outcome ?? 'failed')
  throw new ActionError({
    code: 'gateway',
    owner: 'operator',
    message: error?.message ?? shortfallOf(value.job.result) ?? 'The review ended without a result.',
    remedy: error?.remedy ?? 'Run the job again.',
  })
}

function reviewCheckout(
  event: Extract<WorkflowEvent, { readonly kind: 'pull-request' | 'comment' }>,
  inputs: Inputs,
  world: ActionWorld,
  runner: RunnerCommands,
): Promise<CommandEnd> {
  if (event.kind === 'comment')
    throw workflowError(
      'missing-input',
      'A review asked for by a comment needs github-token, since only the API says who may ask; it is empty.',
      'Leave github-token out of `with:`; its default is the token of the workflow.',
    )
  const folder = world.env.GITHUB_WORKSPACE ?? '.'
  return withSourceFromCheckout(folder, event.pullRequest, inputs.prompt, (source) =>
    reviewQuietly(source, inputs, world, runner),
  )
}

async function reviewQuietly(
  source: ReviewSource,
  inputs: Inputs,
  world: ActionWorld,
  runner: RunnerCommands,
): Promise<CommandEnd> {
  if (inputs.dryRun) return sayEstimate(source, inputs, world, runner)
  const { spent, onSpent } = counter()
  const wish = {
    ...engineWishOf(inputs, world, { folder: makeRunFolder(world, runner), onSpent }),
    config: source.config,
  }
  const { value } = await closingHttp(() => quietReview(source, wish))
  return sayReview(value, spent(), inputs, { isPosted: false }, world, runner)
}

async function sayEstimate(
  { inputs: change, config }: ReviewSource,
  inputs: Inputs,
  world: ActionWorld,
  runner: RunnerCommands,
): Promise<CommandEnd> {
  const { maxMicroUsdPerHour: microUsdPerHour } = config.fleet
  const cap = inputs.maxCostMicroUsd ?? config.budget.perJobMicroUsd
  const estimate = await estimateReview(change, config.review, {
    model: inputs.model ?? config.review.model,
    ratio: unlearnedRatio,
    maxPrompts: maxPromptsFor(cap, microUsdPerHour),
    microUsdPerHour,
  })
  const text = renderEstimate(estimate)
  world.stdout('Dry run: nothing was rented and nothing was written; the summary has the estimate.\n')
  runner.addSummary(text)
  runner.setOutput('conclusion', 'neutral')
  runner.setOutput('cost-usd', '0')
  return { exitCode: 0 }
}

const FORK =
  'This pull request comes from a fork, and GitHub hands no secrets to its runs: no GPU was rented and no model was asked. A maintainer can ask for a review with the comment `/devloop review`, where the workflow runs on issue_comment.'

const FORK_READS =
  "GitHub lets the token of a fork's run only read: the review stands in this run, as annotations and in its summary."
const MAY_NOT_WRITE =
  'The token may write neither comments nor checks: the review stands in this run, as annotations and in its summary. To have it on the pull request, give the job `permissions: {pull-requests: write, issues: write, checks: write}`.'

/** Nothing was asked of a model then: nobody would have seen the answer. */
function isUnwritable(result: unknown): boolean {
  return typeof result === 'object' && result !== null && 'isUnwritable' in result
}

function isWithoutKey({ engine, controller, runpodApiKey }: Inputs): boolean {
  return engine === 'runpod' && controller === null && runpodApiKey === null
}

function sayNothing(message: string, runner: RunnerCommands): CommandEnd {
  runner.annotate('notice', message, { title: 'DevLoop: no review' })
  runner.addSummary(`## DevLoop: no review\n\n${message.replaceAll('<', '&lt;')}`)
  runner.setOutput('conclusion', 'neutral')
  runner.setOutput('findings', '0')
  runner.setOutput('cost-usd', '0')
  return { exitCode: 0 }
}

/** 😕 on the comment; that it cannot be set is no reason to fail. */
async function refuse(github: GithubRepository, commentId: number, runner: RunnerCommands): Promise<void> {
  await github.comments.react('issue', commentId, 'confused').catch((error: unknown) => {
    runner.annotate('warning', `The comment could not be marked as refused: ${String(error)}`)
  })
}

function counter() {
  let value: Spent = { cost: microUsd(0), podName: null }
  return {
    spent: () => value,
    onSpent(end: Spent) {
      value = end
    },
  }
}

function shortfallOf(result: unknown): string | undefined {
  const isTold = typeof result === 'object' && result !== null && 'shortfall' in result
  return isTold && typeof result.shortfall === 'string' ? result.shortfall : undefined
}

function wrongEvent({ env }: ActionWorld): Error {
  return workflowError(
    'wrong-event',
    `command: review was started by the event ${JSON.stringify(env.GITHUB_EVENT_NAME ?? '')}, which has no pull request.`,
    'Start it on pull_request, pull_request_target or issue_comment.',
  )
}
