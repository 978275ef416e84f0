import { readPolicyInForce } from '../../jobs/snapshot/policy-in-force.ts'
import { isCodedError } from '../../ports/errors.ts'
import type { Comments } from '../../ports/github.ts'
import { sanitizeModelText } from '../../review/prove/sanitize.ts'
import { takeAnswerTurn, type AnswerTurn } from './answer-turn.ts'
import { authorize } from './authorize.ts'
import { carryOut } from './carry-out.ts'
import type { Spoken } from './command.ts'
import type { CommandEnd, Context, Heard } from './heard.ts'
import { parseCommands } from './parse.ts'
import type { CommandParts } from './parts.ts'
import { createResponder, type Responder } from './respond.ts'

/**
 * Carries out the commands of one comment and answers it. It may have been handled before (by an attempt that failed, a replica that died,
 * the upkeep), so what stands on GitHub is looked at first.
 */
export async function answerComment(parts: CommandParts, heard: Heard): Promise<void> {
  const spoken = parseCommands(heard.comment.body)
  if (spoken.length === 0) return
  const turn = await takeAnswerTurn(parts, heard.comment)
  try {
    await answerInTurn(parts, heard, spoken, turn)
  } finally {
    await turn.end()
  }
}

async function answerInTurn(
  parts: CommandParts,
  heard: Heard,
  spoken: readonly Spoken[],
  turn: AnswerTurn,
): Promise<void> {
  const github = parts.github.repository({
    installationId: heard.repository.installationId,
    name: heard.repository.name,
  })
  const responder = createResponder(github.comments, heard.number, heard.comment, parts.log)
  if (await isAnswered(parts, github.comments, heard, responder)) return

  const isHeard = spoken.some(({ kind }) => kind === 'command')
  if (isHeard) await responder.react('eyes')

  const pullRequest = await github.pullRequests.get(heard.number)
  const base = { ref: pullRequest.baseRef, branch: pullRequest.baseRef }
  const { config } = await readPolicyInForce(github, parts.store.facts, base)
  const context: Context = { ...heard, github, pullRequest, config }

  const ends: CommandEnd[] = []
  for (const [index, one] of spoken.entries()) ends.push(await answerOne(parts, context, one, index))
  const replies = ends.flatMap((end) => (end.kind === 'accepted' || end.reply === null ? [] : [end.reply]))
  const isRefused = ends.some(({ kind }) => kind === 'refused')
  if (isRefused) await responder.react('confused')
  if (replies.length > 0) {
    await turn.renew()
    await responder.reply(`@${heard.comment.author.login} ${replies.join('\n\n')}`)
  }
  // What a job works on gets its rocket when the job is done.
  if (!isRefused && ends.every(({ kind }) => kind === 'done')) await responder.react('rocket')
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

/** A rocket is the last word. Without one there may be a reply all the same: reactions are tried once, whatever becomes of them. */
async function isAnswered(
  parts: CommandParts,
  comments: Comments,
  { comment }: Heard,
  responder: Responder,
): Promise<boolean> {
  const { login } = await parts.github.identity()
  const reactions = await comments.listReactions(comment.kind, comment.id)
  if (reactions.some((reaction) => reaction.login === login && reaction.content === 'rocket')) return true
  return responder.hasReplied(login)
}
