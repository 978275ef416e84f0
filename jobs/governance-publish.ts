import type { PolicyProblem } from '../config/parse-policy-file.ts'
import type { ResolvedConfig } from '../config/resolved-config.ts'
import { canonicalJson, sha256 } from '../governance/canonical-json.ts'
import { renderBrokenPolicy, renderCheckRun } from '../governance/render/check-run.ts'
import type { Snapshot } from '../governance/snapshot.ts'
import { serializeSnapshot } from '../governance/snapshot-hash.ts'
import type { Verdict } from '../governance/verdict.ts'
import { isCodedError } from '../ports/errors.ts'
import type { CheckRunWish, CheckView, GithubRepository } from '../ports/github.ts'
import type { CommitSha } from '../ports/ids.ts'
import type { Json } from '../ports/store.ts'
import type { GovernanceParts } from './governance-parts.ts'

export const CHECK_NAME = 'devloop/governance'

export interface Judgement {
  readonly pullRequest: number | null
  readonly headSha: CommitSha
  readonly snapshot: Snapshot
  readonly config: ResolvedConfig
  readonly verdict: Verdict
  /** Not empty: devloop.yml itself is what fails. */
  readonly problems: readonly PolicyProblem[]
  /** Our check run as it stands on GitHub. */
  readonly known: CheckView | undefined
  /** Asked right before the write: false when the head moved on meanwhile. */
  readonly isCurrent: () => Promise<boolean>
}

export interface GovernanceEnd {
  readonly verdict: Verdict
  readonly written: boolean
}

/** Stores a verdict and writes its check run, unless GitHub already shows just that. */
export async function publishVerdict(
  parts: GovernanceParts,
  github: GithubRepository,
  judgement: Judgement,
): Promise<GovernanceEnd> {
  const { verdict, known } = judgement
  const verdictId = parts.random.ulid(parts.clock.now())
  const wish = wishFor(judgement, parts.verdictUrl(verdictId))
  if (known !== undefined && known.externalId === wish.externalId && known.status === 'completed')
    return { verdict, written: false }
  if (!(await judgement.isCurrent())) return { verdict, written: false }

  await parts.store.governance.addVerdict({
    id: verdictId,
    repository: github.ref.name,
    pullRequest: judgement.pullRequest,
    headSha: judgement.headSha,
    conclusion: judgement.problems.length > 0 ? 'failure' : verdict.conclusion,
    drift: verdict.drift,
    snapshot: serializeSnapshot(judgement.snapshot),
    policy: canonicalJson(judgement.config),
    verdict: JSON.parse(JSON.stringify(verdict)) as Json,
    createdAt: parts.clock.now(),
  })
  await writeCheck(github, wish, known)
  return { verdict, written: true }
}

/** `externalId` is a hash of all that is shown, so that the next evaluation sees whether it has anything new to say. */
function wishFor({ verdict, problems, headSha }: Judgement, detailsUrl: string | null): CheckRunWish {
  const place = { headSha, ...(detailsUrl !== null && { detailsUrl }) }
  const wish = problems.length > 0 ? renderBrokenPolicy(problems, place) : renderCheckRun(verdict, place)
  const { title, conclusion, text, annotations, actions } = wish
  // The summary also names the snapshot, which differs with every second.
  const shown = { title, conclusion, text, annotations, actions, shortestPath: verdict.shortestPath }
  return { ...wish, externalId: sha256(canonicalJson(shown)) }
}

/** After a lost reply the check may stand there already: look before writing again. */
async function writeCheck(github: GithubRepository, wish: CheckRunWish, known: CheckView | undefined): Promise<void> {
  try {
    await github.checks.write(wish, known)
  } catch (error) {
    if (!isCodedError(error) || error.code !== 'unknown-outcome') throw error
    const checks = await github.checks.list(wish.headSha, 'check-runs')
    if (checks.items.some(({ name, externalId }) => name === wish.name && externalId === wish.externalId)) return
    await github.checks.write(wish, known)
  }
}
