import { nearest } from '../../config/nearest.ts'
import { COMMAND_NAMES, type Command, type Spoken } from './command.ts'
import { readReviewOptions } from './review-options.ts'
import { spokenLines } from './spoken-lines.ts'

/** The most commands one comment may hold. */
export const MAX_COMMANDS = 10
const MAX_TEXT_CHARS = 4_000

const FIRST_WORD = /^ {0,3}\/(devloop|infer)(?:\s+(.*))?$/i

/** True when reading the comment is worth it; asked of every comment of every repository. */
export function mayHoldCommand(body: string): boolean {
  return /^ {0,3}\/(?:devloop|infer)(?:\s|$)/im.test(body)
}

/** The commands of a comment, in order. Pure, never throws, linear in the length of the text. */
export function parseCommands(body: string): readonly Spoken[] {
  const lines = spokenLines(body)
  const allLines = body.split(/\r\n|\r|\n/)
  const starts = lines.flatMap((line) => {
    const match = FIRST_WORD.exec(line.text)
    return match === null ? [] : [{ number: line.number, word: match[1]?.toLowerCase(), rest: (match[2] ?? '').trim() }]
  })
  const spoken = starts.slice(0, MAX_COMMANDS).map(({ number, word, rest }, index): Spoken => {
    const until = (starts[index + 1]?.number ?? allLines.length + 1) - 1
    const following = allLines.slice(number, until).join('\n')
    const read = word === 'infer' ? readInfer(rest, following) : readDevloop(rest, following)
    const said = `/${word}${rest === '' ? '' : ` ${rest}`}`.slice(0, 200)
    return typeof read === 'string'
      ? { kind: 'mistake', line: number, said, message: read }
      : { kind: 'command', line: number, command: read }
  })
  const surplus = starts[MAX_COMMANDS]
  if (surplus === undefined) return spoken
  const message = `One comment may hold ${MAX_COMMANDS} commands; the ${starts.length - MAX_COMMANDS} after that were not read.`
  return [...spoken, { kind: 'mistake', line: surplus.number, said: 'the rest', message }]
}

/** A command, or one sentence about what is wrong with it. */
type Read = Command | string

function readInfer(rest: string, following: string): Read {
  const prompt = joinText(rest, following)
  return prompt === '' ? 'Say what to ask: `/infer PROMPT`.' : { name: 'infer', prompt }
}

function readDevloop(rest: string, following: string): Read {
  const [word = '', ...words] = rest.split(/\s+/)
  const name = word.toLowerCase()
  const tail = rest.slice(word.length).trim()
  switch (name) {
    case '':
      return { name: 'help' }
    case 'review':
      return readReviewOptions(words)
    case 'ask': {
      const question = joinText(tail, following)
      return question === '' ? 'Say what to ask about this change: `/devloop ask QUESTION`.' : { name, question }
    }
    case 'override': {
      const [rule = '', ...reason] = words
      if (rule === '' || reason.length === 0)
        return 'An override names the rule and the reason: `/devloop override RULE REASON`.'
      return { name, rule: rule.toLowerCase(), reason: reason.join(' ').slice(0, 1000) }
    }
    case 'dismiss': {
      const [finding = '', ...reason] = words
      if (finding === '') return 'Say which finding: `/devloop dismiss FINDING [REASON]`.'
      return { name, finding, reason: reason.length === 0 ? null : reason.join(' ').slice(0, 1000) }
    }
    case 'pause':
    case 'resume':
    case 'status':
    case 'cancel':
    case 'stop':
    case 'check':
    case 'help':
      return { name }
    case 'infer':
      return 'Inference is its own command: `/infer PROMPT`.'
    default: {
      const near = nearest(name.slice(0, 40), COMMAND_NAMES)
      const known = near === undefined ? '`/devloop help` lists all commands' : `did you mean \`/devloop ${near}\``
      return `\`${inline(name)}\` is no command; ${known}${near === undefined ? '.' : '?'}`
    }
  }
}

function joinText(first: string, following: string): string {
  return `${first}\n${following}`.trim().slice(0, MAX_TEXT_CHARS)
}

/** Somebody's word inside our code span. */
function inline(word: string): string {
  return word.replaceAll(/[`\p{C}]/gu, '').slice(0, 40)
}
