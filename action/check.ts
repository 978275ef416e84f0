import { evaluate } from '../governance/evaluate.ts'
import { checkJson } from '../governance/render/check-json.ts'
import { renderBrokenPolicy, renderCheckRun } from '../governance/render/check-run.ts'
import { renderSarif } from '../governance/render/sarif.ts'
import { renderWorkflowCommands } from '../governance/render/workflow-commands.ts'
import { isRed, type Verdict } from '../governance/verdict.ts'
import { clock } from '../parts/clock.ts'
import { GithubError } from '../ports/errors.ts'
import type { CheckRunWish, GithubRepository } from '../ports/github.ts'
import { commitSha } from '../ports/ids.ts'
import { workflowError } from './error.ts'
import { isForkEvent, readEvent, type WorkflowEvent } from './event.ts'
import { governanceFromCheckout } from './governance-from-checkout.ts'
import type { GovernedChange, GovernedEvent } from './governance-from-api.ts'
import type { Inputs } from './inputs.ts'
import { publishCheck } from './publish-check.ts'
import { writeReport } from './report-file.ts'
import type { RunnerCommands } from './runner-commands.ts'
import type { ActionWorld, CommandEnd } from './world.ts'

/** `command: check`: the governance verdict on a pull request or a merge group. */
export async function check(inputs: Inputs, world: ActionWorld, runner: RunnerCommands): Promise<CommandEnd> {
  const event = readEvent(world.env)
  const github = inputs.githubToken === null ? null : await openGithub(inputs.githubToken, event, world)
  const change = await readChange(event, github, world)
  const verdict = evaluate(change.snapshot, change.config)
  const conclusion = change.problems.length > 0 ? 'failure' : verdict.conclusion
  const place = { headSha: commitSha.parse(change.headSha) }
  // Without a server nobody hears the buttons of a check run.
  const wish: CheckRunWish = {
    ...(change.problems.length > 0 ? renderBrokenPolicy(change.problems, place) : renderCheckRun(verdict, place)),
    actions: [],
  }
  say(change, wish, verdict, world, runner)
  const report = writeReport(world.env.RUNNER_TEMP, 'check', renderSarif(verdict), checkJson(verdict))
  runner.setOutput('conclusion', conclusion)
  runner.setOutput('outcome', conclusion)
  runner.setOutput('report', report)
  runner.setOutput('findings', String(verdict.rules.filter((rule) => isRed(rule) && rule.waived === null).length))
  runner.setOutput('cost-usd', '0')
  runner.addSummary(`## ${wish.title}\n\n${wish.summary}\n\n${wish.text ?? ''}`)
  if (github !== null && !inputs.dryRun) await publishCheck(github, wish, runner, { isFork: isForkEvent(event) })
  return { exitCode: isFailing(inputs, conclusion, verdict) ? 1 : 0 }
}

async function openGithub(token: string, event: WorkflowEvent, { env }: ActionWorld): Promise<GithubRepository> {
  const { openTokenRepository } = await import('../parts/token-repository.ts')
  const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com'
  return openTokenRepository({ apiUrl, token, repository: event.repository })
}

async function readChange(
  event: WorkflowEvent,
  github: GithubRepository | null,
  world: ActionWorld,
): Promise<GovernedChange> {
  if (event.kind !== 'pull-request' && event.kind !== 'merge-group') throw wrongEvent(world)
  if (github !== null) {
    const { governanceFromApi, isCheckOfThisRun } = await import('./governance-from-api.ts')
    const run = { clock, isOwnCheck: isCheckOfThisRun(world.env.GITHUB_RUN_ID) }
    return governanceFromApi(github, event, run).catch((error) => {
      throw explained(error, event)
    })
  }
  if (event.kind === 'merge-group')
    throw workflowError(
      'missing-input',
      'A merge group can only be judged with a token, since its pull requests stand in no file.',
      'Leave github-token out of `with:`; its default is the token of the workflow.',
    )
  const run = { repository: event.repository, nowMs: clock.now() }
  return governanceFromCheckout(world.env.GITHUB_WORKSPACE ?? '.', event.pullRequest, run)
}

/** GitHub's refusal, with what the workflow has to say. */
function explained(error: unknown, event: GovernedEvent): unknown {
  if (!(error instanceof GithubError) || !['unauthorized', 'forbidden', 'not-found'].includes(error.code)) return error
  const rights = 'contents: read, pull-requests: read, checks: write'
  return workflowError(
    'bad-input',
    `The github-token may not read this ${event.kind === 'merge-group' ? 'merge group' : 'pull request'}: ${error.message}`,
    `Give the job \`permissions: {${rights}}\`, or leave github-token empty to judge the checkout alone.`,
    error,
  )
}

function say(
  { problems }: GovernedChange,
  wish: CheckRunWish,
  verdict: Verdict,
  world: ActionWorld,
  runner: RunnerCommands,
): void {
  if (problems.length === 0) world.stdout(renderWorkflowCommands(verdict))
  for (const { path, startLine, message } of problems.length === 0 ? [] : wish.annotations)
    runner.annotate('error', message, { path, line: startLine, title: wish.title })
}

function isFailing({ failOn, dryRun }: Inputs, conclusion: string, verdict: Verdict): boolean {
  if (dryRun || failOn === 'never') return false
  if (conclusion === 'failure' || conclusion === 'error') return true
  const isWarned = (rule: Verdict['rules'][number]) => rule.level === 'warn' && isRed(rule) && rule.waived === null
  return failOn === 'warn' && verdict.rules.some(isWarned)
}

function wrongEvent({ env }: ActionWorld): Error {
  return workflowError(
    'wrong-event',
    `command: check was started by the event ${JSON.stringify(env.GITHUB_EVENT_NAME ?? '')}, which has no change to judge.`,
    'Start it on pull_request, pull_request_review or merge_group.',
  )
}
