import { readPolicyInForce } from '../../jobs/snapshot/policy-in-force.ts'
import { isCodedError } from '../../ports/errors.ts'
import { sanitizeModelText } from '../../review/prove/sanitize.ts'
import { authorize } from './authorize.ts'
import { carryOut } from './carry-out.ts'
import type { Spoken } from './command.ts'
import type { CommandEnd, Context, Heard } from './heard.ts'
import { parseCommands } from './parse.ts'
import type { CommandParts } from './parts.ts'
import { createResponder } from './respond.ts'

/**
 * Carries out the commands of one comment and answers it. `maybeAnswered`: it may have been handled before (a second attempt, the
 * upkeep), so its reactions are looked at first.
 */
export async function answerComment(parts: CommandParts, heard: Heard, maybeAnswered: boolean): Promise<void> {
  const spoken = parseCommands(heard.comment.body)
  if (spoken.length === 0) return
  const github = parts.github.repository({
    installationId: heard.repository.installationId,
    name: heard.repository.name,
  })
  if (maybeAnswered && (await isAnswered(parts, heard))) return

  const responder = createResponder(github.comments, heard.number, heard.comment, parts.log)
  const isHeard = spoken.some(({ kind }) => kind === 'command')
  if (isHeard) await responder.react('eyes')

  const pullRequest = await github.pullRequests.get(heard.number)
  const base = { ref: pullRequest.baseRef, branch: pullRequest.baseRef }
  const { config } = await readPolicyInForce(github, parts.store.facts, base)
  const context: Context = { ...heard, github, pullRequest, config }

  const ends: CommandEnd[] = []
  for (const [index, one] of spoken.entries()) ends.push(await answerOne(parts, context, one, index))
  const replies = ends.flatMap((end) => (end.kind === 'accepted' || end.reply === null ? [] : [end.reply]))
  if (replies.length > 0) await responder.reply(`@${heard.comment.author.login} ${replies.join('\n\n')}`)

  if (ends.some(({ kind }) => kind === 'refused')) await responder.react('confused')
  // What a job works on gets its rocket when the job is done.
  else if (ends.every(({ kind }) => kind === 'done')) await responder.react('rocket')
}

async function answerOne(parts: CommandParts, context: Context, spoken: Spoken, index: number): Promise<CommandEnd> {
  if (spoken.kind === 'mistake') return { kind: 'refused', reply: spoken.message }
  const { command } = spoken
  const authorization = await authorize(
    command.name,
    context.comment.author,
    context.github.access,
    context.config.access,
  )
  if (!authorization.allowed) return { kind: 'refused', reply: authorization.message }
  try {
    return await carryOut(parts, context, command, index)
  } catch (error) {
    if (!isCodedError(error) || error.owner === 'retry') throw error
    return { kind: 'refused', reply: sanitizeModelText(`${error.message} ${error.remedy}`, 1_000) }
  }
}

/** Ours is the last word when it is a rocket or a doubt; eyes alone mean that the work never ended. */
async function isAnswered(parts: CommandParts, { repository, comment }: Heard): Promise<boolean> {
  const { login } = await parts.github.identity()
  const github = parts.github.repository({ installationId: repository.installationId, name: repository.name })
  const reactions = await github.comments.listReactions(comment.kind, comment.id)
  return reactions.some((reaction) => reaction.login === login && reaction.content !== 'eyes')
}
