import { fillFinding, isFindingSchema, isPlaceSchema } from './fill-finding.ts'
import { fillSchema, isSchema, type SchemaNode, typeOf, variantsOf } from './fill-schema.ts'
import { findBugs, type Hit } from './find-bugs.ts'
import { type CodeLine, readCode } from './read-code.ts'
import { isVerdictSchema, rule, ruleOnEach } from './sceptic.ts'

export interface Question {
  /** All messages in order, joined by line feeds. */
  readonly prompt: string
  /** The last thing the user said. */
  readonly lastMessage: string
  readonly format: unknown
}

/** What the stand-in says of itself wherever it writes prose. */
export const standInLabel = 'sandbox stand-in, rule-based, no language model'

/** The stand-in's whole answer: it reads the code in the prompt and fills the schema it is given. */
export function answer(question: Question): string {
  const lines = readCode(question.prompt)
  if (isSchema(question.format)) return JSON.stringify(fillFormat(question.format, question, lines))
  const hits = findBugs(lines)
  if (question.format === 'json') return JSON.stringify({ answer: prose(question.lastMessage, hits) })
  return prose(question.lastMessage, hits)
}

function fillFormat(format: SchemaNode, question: Question, lines: readonly CodeLine[]): unknown {
  const root = format
  const top = variantsOf(format, root)[0] ?? format
  if (typeOf(top) === 'object' && isVerdictSchema(top)) return rule(top, root, question.prompt, lines)
  const hits = findBugs(lines)
  return fillSchema(format, {
    root,
    propose: (name, schema) =>
      proposeValue(name, schema, { message: question.lastMessage, hits, hasCode: lines.length > 0 }),
    proposeItems: (_name, item) => {
      const variants = variantsOf(item, root)
      if (variants.some(isVerdictSchema)) return ruleOnEach(item, root, question.prompt, lines)
      if (!variants.some((variant) => isFindingSchema(variant) || isPlaceSchema(variant))) return undefined
      return hits.map((hit) => fillFinding(item, root, hit)).filter((filled) => filled !== undefined)
    },
  })
}

interface Seen {
  readonly message: string
  readonly hits: readonly Hit[]
  readonly hasCode: boolean
}

function proposeValue(name: string, schema: SchemaNode, { message, hits, hasCode }: Seen): unknown {
  // Of a question that no rule covers the honest answer is that one cannot tell.
  if (Array.isArray(schema.enum)) return schema.enum.find((word) => /cannot|unknown|unsure|unclear/i.test(String(word)))
  switch (typeOf(schema)) {
    case 'boolean':
      if (/^(?:bears|is_?relevant|relevant|applies)/i.test(name)) return hasCode
      return /^(?:found|has|is_?(?:risky|problem))/i.test(name) ? hits.length > 0 : undefined
    case 'string':
      return isProse.test(name) ? prose(message, hits) : `(${standInLabel})`
    case 'integer':
    case 'number':
      return /count|total|number/i.test(name) ? hits.length : undefined
    default:
      return undefined
  }
}

const isProse =
  /^(?:|answer|summary|overview|response|text|output|result|message|description|explanation|review|comment)$/i

function prose(message: string, hits: readonly Hit[]): string {
  const words = message.split(/\s+/).filter((word) => word !== '')
  const start = words.slice(0, 24).join(' ')
  const asked = words.length > 24 ? `${start} …` : start
  const seen = hits.map(({ rule: found, code }) => `- ${code.path}:${code.line}: ${found.title}. ${found.message}`)
  const findings = seen.length === 0 ? [] : ['', 'Read in the code it shows:', ...seen.slice(0, 10)]
  return [`[${standInLabel}] You asked, in ${words.length} words: “${asked}”`, ...findings].join('\n')
}
