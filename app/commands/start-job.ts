import { isCodedError } from '../../ports/errors.ts'
import { microUsdFromUsd } from '../../ports/money.ts'
import type { JobKind, Json } from '../../ports/store.ts'
import { maskSecrets } from '../../review/secrets/mask.ts'
import { headAtComment } from './bound-head.ts'
import type { Command } from './command.ts'
import type { CommandEnd, Context } from './heard.ts'
import { jobIdOf } from './job-id.ts'
import type { CommandParts } from './parts.ts'

const DAY_MS = 86_400_000
const JOB_DEADLINE_MS = 3_600_000

type Started = Extract<Command, { readonly name: 'review' | 'ask' | 'infer' }>

/** Makes the job a command asks for. Saying it again (a delivery that comes twice) makes no second one. */
export async function startJob(
  parts: CommandParts,
  context: Context,
  command: Started,
  index: number,
): Promise<CommandEnd> {
  const { repository, number, comment, pullRequest, config } = context
  if (command.name !== 'infer' && pullRequest.state === 'closed')
    return {
      kind: 'refused',
      reply: `\`${command.name}\` needs an open pull request; this one is ${pullRequest.merged ? 'merged' : 'closed'}.`,
    }
  const headSha = await headAtComment(parts.store.facts, context)
  if (headSha !== pullRequest.headSha) {
    const moved = `This fork was pushed to (now \`${pullRequest.headSha.slice(0, 7)}\`) after you wrote that`
    return { kind: 'refused', reply: `${moved}; look at what is new, then say \`${command.name}\` again.` }
  }
  const now = parts.clock.now()
  const kind: JobKind = command.name
  const job = {
    id: jobIdOf(`${repository.name} ${comment.kind} ${comment.id} ${index}`, Date.parse(comment.createdAt)),
    kind,
    key:
      kind === 'review' ? `review:${repository.name}#${number}` : `${kind}:${repository.name}#${number}:${comment.id}`,
    repository: repository.name,
    installationId: repository.installationId,
    pullRequest: number,
    headSha,
    requestedBy: comment.author.login,
    request: requestOf(command, context),
    createdAt: now,
    deadlineAt: now + JOB_DEADLINE_MS,
  }
  // Asked for again, it must not be refused for what it has itself used up.
  if ((await parts.store.jobs.find(job.id)) !== undefined) return { kind: 'accepted' }
  try {
    await parts.createJob(job, {
      perUserPerDay: config.budget.perUserJobsPerDay,
      since: now - (now % DAY_MS),
      perUserConcurrent: config.budget.perUserConcurrent,
      perRepository: null,
      global: null,
    })
  } catch (error) {
    if (isCodedError(error) && error.code === 'conflict') return { kind: 'accepted' }
    if (isCodedError(error) && error.code === 'limit-reached')
      return { kind: 'refused', reply: `Not started: ${error.message} ${error.remedy}` }
    throw error
  }
  return { kind: 'accepted' }
}

/** Stored for weeks, so what looks like a secret is masked before. */
function requestOf(command: Started, { comment, pullRequest, repository }: Context): Json {
  const asked = { comment: { kind: comment.kind, id: comment.id } }
  // A branch of the repository may move on under a command; a fork may not.
  const boundTo = pullRequest.headRepository === repository.name ? null : pullRequest.headSha
  switch (command.name) {
    case 'review': {
      const { name: _name, maxCostUsd, ...wish } = command
      const maxCostMicroUsd = maxCostUsd === null ? null : microUsdFromUsd(maxCostUsd)
      const focus = wish.focus === null ? null : maskSecrets(wish.focus)
      return { trigger: 'command', ...wish, focus, maxCostMicroUsd, ...asked, boundTo }
    }
    case 'ask':
      return { question: maskSecrets(command.question), ...asked, boundTo }
    case 'infer': {
      const place = comment.place === null ? null : { ...comment.place, hunk: maskSecrets(comment.place.hunk) }
      return { prompt: maskSecrets(command.prompt), place, ...asked }
    }
  }
}
