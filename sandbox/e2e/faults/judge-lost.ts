import { BUGGY_LINES, type OpenChange } from '../__support__/open-change.ts'
import { said } from '../__support__/said.ts'
import { mayHoldCommand } from '../../../app/commands/parse.ts'
import type { Store } from '../../../ports/store.ts'
import type { GithubSandbox } from '../../github/github-sandbox.ts'
import type { EmulatedRunpod } from '../../runpod/start.ts'

/** The smallest unit of an emulated pod's life that a poll can miss, in micro-dollars: a second of an RTX 4090. */
export const SECOND_MICRO_USD = 200
const LEDGER_SHARE = 0.01

/** Compares by machine what went in with what came out: commands, jobs, deliveries, comments, money. */
export async function judgeLost(
  world: { readonly github: GithubSandbox; readonly runpod: EmulatedRunpod; readonly store: Store },
  change: OpenChange,
  outcomes: readonly string[],
  /** What a clock that was set makes of the ledger until it is compared with the bill. */
  clockSlackMicroUsd = 0,
): Promise<readonly string[]> {
  return [
    ...judgeCommands(change),
    ...(await judgeJobs(world.store, change, outcomes)),
    ...(await judgeDeliveries(world, change)),
    ...judgeComments(change, outcomes),
    ...(await judgeMoney(world, clockSlackMicroUsd)),
  ]
}

function judgeCommands({ repository, number }: OpenChange): readonly string[] {
  const reactions = [...repository.reactions.values()].filter(({ login }) => login.endsWith('[bot]'))
  return [...repository.issueComments.values()]
    .filter((comment) => comment.issueNumber === number && !comment.authorLogin.endsWith('[bot]'))
    .filter(({ body }) => mayHoldCommand(body))
    .filter(({ id }) => !reactions.some(({ subjectId, content }) => subjectId === id && content !== 'eyes'))
    .map(({ body }) => `nobody answered "${body}"`)
}

async function judgeJobs(store: Store, change: OpenChange, outcomes: readonly string[]): Promise<readonly string[]> {
  const jobs = await store.jobs.list({ repository: change.name, pullRequest: change.number }, 50)
  const reviews = jobs.filter(({ kind }) => kind === 'review')
  const odd = reviews.filter(({ outcome, state }) => !outcomes.includes(outcome ?? state))
  return [
    ...(reviews.length === 0 ? ['no job was made'] : []),
    ...jobs.filter(({ endedAt }) => endedAt === null).map(({ kind }) => `a ${kind} job never ended`),
    ...odd.map(
      ({ outcome, state, error }) => `a review ended as ${outcome ?? state}: ${error?.message ?? 'no reason'}`,
    ),
  ]
}

/** Every delivery that GitHub made for this repository is in the inbox, and worked off. */
async function judgeDeliveries(
  { github, store }: { readonly github: GithubSandbox; readonly store: Store },
  change: OpenChange,
): Promise<readonly string[]> {
  const mine = github.deliveries.filter(({ payload }) => payload.includes(`"full_name":"${change.name}"`))
  const guids = [...new Set(mine.map(({ guid }) => guid))]
  const missing: string[] = []
  for (const guid of guids) {
    if ((await store.deliveries.find(guid as never)) !== undefined) continue
    missing.push(`delivery ${mine.find((delivery) => delivery.guid === guid)?.event} never arrived`)
  }
  const { undone, failed } = await store.deliveries.countByFate()
  return [
    ...missing,
    ...(undone > 0 ? [`${undone} deliveries were never worked off`] : []),
    ...(failed > 0 ? [`${failed} deliveries were given up`] : []),
  ]
}

function judgeComments(change: OpenChange, outcomes: readonly string[]): readonly string[] {
  const { reviews, inline, summaries } = said(change)
  const check = [...change.repository.runs.values()].findLast(({ name }) => name === 'devloop/review')
  const isPosted = outcomes.length === 1 && outcomes[0] === 'posted'
  return [
    ...(summaries.length === 1 ? [] : [`${summaries.length} summaries`]),
    ...(reviews.length <= 1 ? [] : [`${reviews.length} reviews`]),
    ...(isPosted && inline.length !== BUGGY_LINES.length ? [`${inline.length} inline comments`] : []),
    ...(check === undefined || check.status === 'completed' ? [] : [`the check never ended: ${check.title}`]),
    ...summaries.filter(({ body }) => !/Outcome \*\*\w+\*\*/.test(body)).map(() => 'the summary names no outcome'),
  ]
}

async function judgeMoney(
  { runpod, store }: { readonly runpod: EmulatedRunpod; readonly store: Store },
  clockSlackMicroUsd: number,
): Promise<readonly string[]> {
  const [spent, billed] = [await store.ledger.spent(0), runpod.spentMicroUsd()]
  const slack = Math.max(billed * LEDGER_SHARE, runpod.pods().length * SECOND_MICRO_USD) + clockSlackMicroUsd
  return Math.abs(spent - billed) <= slack ? [] : [`the ledger says ${spent} micro-dollars, the bill ${billed}`]
}
