import type { ScriptedFault } from './fault-script.ts'

/** Misbehaviour that can be scripted for one call; `after` is a route such as `/api/chat`, or `*`. */
export type OllamaFaultName =
  | 'garbage'
  | 'empty'
  | 'cut'
  | 'cut-json'
  | 'never-ending'
  | 'huge'
  | 'schema-breaking'
  | 'ignore-format'
  | 'fenced'
  | 'prose-before'
  | 'looping'
  | 'white-space'
  | 'thinking-in-content'
  | 'only-thinking'
  | 'dies-before-answer'
  | 'dies-after-first-chunk'
  | 'error-line'
  | 'crash'
  | 'busy'
  | 'too-long'
  | 'html-502'
  | 'html-524'
  | 'forbidden'
  | 'slow-first-token'
  | 'half-context'
  | 'no-counters'
  | 'pull-cut'
  | 'pull-stalls'

export interface OllamaFault extends ScriptedFault {
  readonly fault: OllamaFaultName
}

/** How an answer ends after its last piece. */
export type Ending = 'done' | 'silent' | 'error-line' | 'destroyed' | 'never'

export interface Shaped {
  readonly content: string
  readonly thinking: string
  readonly ending: Ending
  /** Overrides the reason on the last object. */
  readonly doneReason?: string
}

const hugeBytes = 50 * 1024 * 1024

/** What a fault makes of an answer. */
export function shapeAnswer(fault: OllamaFaultName | undefined, content: string, thinking: string): Shaped {
  const plain: Shaped = { content, thinking, ending: 'done' }
  switch (fault) {
    case 'garbage':
      return { ...plain, content: '\u0007}{ ]] lorem 0x1f \\u00zz "unclosed: [' }
    case 'empty':
      return { ...plain, content: '' }
    case 'cut':
      return { ...plain, content: content.slice(0, Math.ceil(content.length / 2)), ending: 'silent' }
    case 'cut-json':
      return { ...plain, content: content.slice(0, Math.ceil(content.length / 2)), doneReason: 'length' }
    case 'never-ending':
      return { ...plain, ending: 'never' }
    case 'huge':
      return { ...plain, content: `{"findings":"${'a'.repeat(hugeBytes)}"}` }
    case 'schema-breaking':
      return { ...plain, content: JSON.stringify({ unexpected: [1, null, { line: 'twelve', severity: 'purple' }] }) }
    case 'ignore-format':
      return { ...plain, content: 'Sure! I looked at the change and it seems fine to me overall.' }
    case 'fenced':
      return { ...plain, content: `\`\`\`json\n${content}\n\`\`\`` }
    case 'prose-before':
      return { ...plain, content: `Here is the JSON you asked for:\n\n${content}` }
    case 'looping':
      return { ...plain, content: `${content.slice(0, 20)}${' the'.repeat(31)}`, ending: 'silent' }
    case 'white-space':
      return { ...plain, content: `{\n${'\n'.repeat(31)}`, ending: 'silent' }
    case 'thinking-in-content':
      return { ...plain, content: `<think>The user wants JSON. {"not": "this"}</think>\n${content}` }
    case 'only-thinking':
      return {
        content: '',
        thinking: 'Let me think about this once more. '.repeat(40),
        ending: 'done',
        doneReason: 'length',
      }
    case 'dies-after-first-chunk':
      return { ...plain, ending: 'destroyed' }
    case 'error-line':
      return { ...plain, content: content.slice(0, Math.ceil(content.length / 2)), ending: 'error-line' }
    default:
      return plain
  }
}
