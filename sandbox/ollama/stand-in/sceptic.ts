import { fillSchema, clip, propertiesOf, type SchemaNode, typeOf, variantsOf } from './fill-schema.ts'
import { hitsAt } from './find-bugs.ts'
import type { CodeLine } from './read-code.ts'

const verdictName =
  /^(?:verdict|decision|judg[e]?ment|ruling|answer|outcome|conclusion|status|refuted|upheld|confirmed|stands|holds|valid|is_?(?:real|valid|bug))$/i
const negative = /refut|reject|false|invalid|dismiss|wrong|disagree|drop|deny/i
const positive = /uph|confirm|stand|true|valid|real|agree|keep|accept|correct|hold/i
const quoteName = /^(?:quote|evidence|code|snippet|excerpt)$/i
const idName = /^(?:id|claim|claim_?id|finding|finding_?id|index|number)$/i

/** True where an object schema asks for a ruling on a claim. */
export function isVerdictSchema(schema: SchemaNode): boolean {
  return Object.entries(propertiesOf(schema)).some(
    ([name, property]) => verdictName.test(name) && asksForRuling(property),
  )
}

function asksForRuling(schema: SchemaNode): boolean {
  if (typeOf(schema) === 'boolean') return true
  const words = Array.isArray(schema.enum) ? schema.enum.map(String) : []
  return words.some((word) => negative.test(word)) && words.some((word) => !negative.test(word) && positive.test(word))
}

/** One ruling per claim the schema or the prompt names. */
export function ruleOnEach(item: SchemaNode, root: SchemaNode, prompt: string, lines: readonly CodeLine[]): unknown[] {
  const schema = variantsOf(item, root)[0] ?? item
  const id = Object.entries(propertiesOf(schema)).find(([name]) => idName.test(name))?.[1]
  const ids = idsOf(id, prompt)
  return ids.map((value) => rule(schema, root, claimText(prompt, value, ids), lines, value))
}

/** A ruling: upheld where a rule speaks at a line the claim points at, else refuted by that line. */
export function rule(
  schema: SchemaNode,
  root: SchemaNode,
  claim: string,
  lines: readonly CodeLine[],
  id?: unknown,
): Record<string, unknown> {
  const present = lines.filter((line) => line.mark !== 'removed')
  const pointed = present.filter((line) => isPointedAt(line, claim, present))
  const isUpheld = pointed.some((line) => hitsAt(line, present).length > 0)
  const evidence =
    (pointed.find((line) => hitsAt(line, present).length > 0) ?? pointed[0] ?? present[0])?.text.trim() ?? ''
  const propose = (name: string, property: SchemaNode): unknown => {
    if (id !== undefined && idName.test(name)) return id
    if (verdictName.test(name) && asksForRuling(property)) return rulingWord(name, property, isUpheld)
    if (quoteName.test(name)) return evidence
    if (/confidence|certainty|score/i.test(name))
      return typeof property.maximum === 'number' ? property.maximum * 0.8 : 0.8
    if (typeOf(property) !== 'string' || Array.isArray(property.enum)) return undefined
    return clip(
      isUpheld ? 'The line does what the claim says.' : 'No rule of the stand-in speaks at this line.',
      property,
    )
  }
  const filled = fillSchema(schema, { root, propose, proposeItems: () => undefined })
  return typeof filled === 'object' && filled !== null ? { ...filled } : {}
}

function rulingWord(name: string, schema: SchemaNode, isUpheld: boolean): unknown {
  if (typeOf(schema) === 'boolean') return negative.test(name) ? !isUpheld : isUpheld
  const words = Array.isArray(schema.enum) ? schema.enum : []
  const isNegative = (word: unknown): boolean => negative.test(String(word))
  return isUpheld
    ? words.find((word) => !isNegative(word) && positive.test(String(word)))
    : words.find((word) => isNegative(word))
}

/** A claim points at a line by its number, or by quoting it outside the code it was read from. */
function isPointedAt(line: CodeLine, claim: string, present: readonly CodeLine[]): boolean {
  const text = line.text.trim()
  if (text.length > 8 && claim.split(text).length > 2) return true
  const numbers = [...claim.matchAll(/\blines?\b\W{0,4}(\d+)|\.[a-z]{1,4}:(\d+)|"line":\s*(\d+)/gi)].map((match) =>
    Number(match[1] ?? match[2] ?? match[3]),
  )
  return numbers.includes(line.line) && present.filter((other) => other.line === line.line).length > 0
}

function idsOf(id: SchemaNode | undefined, prompt: string): unknown[] {
  if (id !== undefined && Array.isArray(id.enum)) return id.enum
  const numbered = [...prompt.matchAll(/^\W*(?:claim|finding)\s*#?(\d+)/gim)].map((match) => Number(match[1]))
  if (numbered.length === 0) return [1]
  return [...new Set(numbered)].map((value) => (id !== undefined && typeOf(id) === 'string' ? String(value) : value))
}

function claimText(prompt: string, id: unknown, ids: readonly unknown[]): string {
  if (ids.length < 2) return prompt
  const start = prompt.search(new RegExp(String.raw`(?<![\w-])${String(id)}(?![\w-])`))
  const ends = ids
    .map(
      (other) =>
        prompt.slice(start + 1).search(new RegExp(String.raw`(?<![\w-])${String(other)}(?![\w-])`)) + start + 1,
    )
    .filter((at) => at > start)
  return start < 0 ? prompt : prompt.slice(start, Math.min(prompt.length, ...ends))
}
