import { z } from 'zod'
import { canonicalJson } from '../../governance/canonical-json.ts'
import { evaluate } from '../../governance/evaluate.ts'
import { parseRecorded } from '../../governance/recorded.ts'
import { checkJson } from '../../governance/render/check-json.ts'
import { renderTerminal } from '../../governance/render/terminal.ts'
import { openLocalStore } from '../../parts/local-store.ts'
import { readEnvironment } from '../../parts/read-environment.ts'
import type { StoredReview, StoredVerdict } from '../../ports/store.ts'
import { CliError } from '../error.ts'
import { hasColours, painter, table } from '../style.ts'
import type { CliWorld, CommandResult } from '../world.ts'

interface ReplayOptions {
  readonly json?: boolean
}

/** `devloop replay ID`: a stored verdict is judged again on the same facts; of a stored review the record is shown. */
export async function replay(id: string, options: ReplayOptions, world: CliWorld): Promise<CommandResult> {
  const opened = await openLocalStore(readEnvironment(world.env, world.cwd))
  try {
    const verdict = await opened.store.governance.findVerdict(id)
    if (verdict !== undefined) return judgeAgain(verdict, options, world)
    const review = await opened.store.reviews.find(id)
    if (review !== undefined) return showReview(review, options, world)
    throw new CliError({
      code: 'not-found',
      owner: 'user',
      message: `There is no stored verdict or review ${id}.`,
      remedy: 'The dashboard page of a check or a review shows its id.',
    })
  } finally {
    await opened.close()
  }
}

/** Exit 1 when today's rules do not give the stored bytes. */
function judgeAgain(stored: StoredVerdict, options: ReplayOptions, world: CliWorld): CommandResult {
  const { snapshot, config } = parseRecorded(`{"snapshot":${stored.snapshot},"policy":${stored.policy}}`)
  if (config === null) throw new Error('a stored verdict has its policy')
  const verdict = evaluate(snapshot, config)
  const isSame = canonicalJson(verdict) === canonicalJson(stored.verdict)
  if (options.json) world.stdout(`${JSON.stringify({ ...checkJson(verdict), isSame })}\n`)
  else {
    const paint = painter(world)
    world.stdout(renderTerminal(verdict, { colours: hasColours(world) }))
    const made = `${stored.repository}${stored.pullRequest === null ? '' : `#${stored.pullRequest}`} at ${stored.headSha.slice(0, 7)}, ${new Date(stored.createdAt).toISOString()}`
    const words = isSame ? 'the same bytes as then' : 'NOT what was stored: the rules have changed since'
    world.stdout(`\n${paint(isSame ? 'good' : 'bad', words)}  ${paint('dim', made)}\n`)
  }
  return { exitCode: isSame ? 0 : 1 }
}

const shownFinding = z.object({
  path: z.string(),
  line: z.number().nullable(),
  severity: z.string(),
  title: z.string(),
})
const reviewBody = z.looseObject({ findings: z.array(shownFinding).default([]) })

function showReview(review: StoredReview, options: ReplayOptions, world: CliWorld): CommandResult {
  const { id, repository, pullRequest, headSha, outcome, createdAt, body } = review
  if (options.json) {
    world.stdout(`${JSON.stringify({ id, repository, pullRequest, headSha, outcome, createdAt, review: body })}\n`)
    return { exitCode: 0 }
  }
  const paint = painter(world)
  const parsed = reviewBody.safeParse(body)
  const findings = parsed.success ? parsed.data.findings : []
  world.stdout(
    `${paint('strong', outcome)}  ${repository}#${pullRequest} at ${headSha.slice(0, 7)}, ${new Date(createdAt).toISOString()}\n`,
  )
  if (findings.length > 0)
    world.stdout(
      `\n${table(findings.map(({ severity, path, line, title }) => [severity, line === null ? path : `${path}:${line}`, title]))}\n`,
    )
  world.stdout(
    `\nRead the same change again with \`devloop review --base BASE --head ${headSha.slice(0, 12)}\` in a clone; --json shows prompts' hashes and seed.\n`,
  )
  return { exitCode: 0 }
}
