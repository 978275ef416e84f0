import { z } from 'zod'
import { categories, severities } from '../finding.ts'

const checkVerdicts = ['fine', 'problem', 'cannot-tell'] as const
const requirementVerdicts = ['satisfied', 'violated'] as const

/** What an answer to one prompt may name. */
export interface AnswerBounds {
  readonly files: readonly string[]
  readonly lines: readonly number[]
  readonly checks: readonly string[]
  readonly requirements: readonly string[]
  readonly maxFindings: number
}

/**
 * The JSON Schema the answer is sampled under. Kept to objects, arrays, enums and item counts: more than that the grammar of
 * llama.cpp does not reliably support (ollama.md section 6).
 */
export function answerJsonSchema(bounds: AnswerBounds): Readonly<Record<string, unknown>> {
  const line = { type: 'integer', enum: bounds.lines }
  const text = { type: 'string' }
  const finding = objectOf(
    {
      file: { type: 'string', enum: bounds.files },
      line,
      endLine: line,
      severity: { type: 'string', enum: severities },
      category: { type: 'string', enum: categories },
      title: text,
      body: text,
      quote: text,
      confidence: { type: 'number' },
      suggestion: text,
    },
    ['suggestion'],
  )
  const check = objectOf({ verdict: { type: 'string', enum: checkVerdicts }, reason: text })
  const requirement = objectOf({
    id: { type: 'string', enum: bounds.requirements },
    verdict: { type: 'string', enum: requirementVerdicts },
    quote: text,
  })
  return objectOf({
    findings: { type: 'array', items: finding, maxItems: bounds.maxFindings },
    // One property per question: under the grammar none can be left out.
    checks: objectOf(Object.fromEntries(bounds.checks.map((id) => [id, check]))),
    ...(bounds.requirements.length > 0
      ? { requirements: { type: 'array', items: requirement, maxItems: bounds.requirements.length } }
      : {}),
  })
}

/** The same shape, checked by us: engines are known to ignore the schema. */
export function answerSchema(bounds: AnswerBounds) {
  const line = z.literal([...bounds.lines], 'is not the number of a line shown')
  const finding = z
    .object({
      file: z.literal([...bounds.files], 'is not a file shown'),
      line,
      endLine: line.optional(),
      severity: z.enum(severities),
      category: z.enum(categories),
      title: shortText(200).refine((title) => title !== '', 'is empty'),
      body: shortText(3_000),
      quote: shortText(2_000),
      // Models answer 85 as often as 0.85.
      confidence: z
        .number()
        .min(0)
        .max(100)
        .transform((value) => (value > 1 ? value / 100 : value)),
      suggestion: z.string().max(8_000).nullish(),
    })
    .transform(({ file, endLine, suggestion, ...rest }) => ({
      ...rest,
      path: file,
      endLine: endLine === undefined || endLine < rest.line ? rest.line : endLine,
      ...(suggestion ? { suggestion } : {}),
    }))
  const check = z.object({ verdict: z.enum(checkVerdicts), reason: shortText(500) }, 'is not answered')
  return z.object({
    findings: z.array(finding).max(bounds.maxFindings),
    checks: z
      .object(Object.fromEntries(bounds.checks.map((id) => [id, check])))
      .transform((answers) => Object.entries(answers).map(([id, answer]) => ({ id, ...answer }))),
    requirements: z
      .array(
        z.object({
          id: oneOf(bounds.requirements),
          verdict: z.enum(requirementVerdicts),
          quote: shortText(2_000),
        }),
      )
      .max(200)
      .default([]),
  })
}

/** A validated answer to one prompt. */
export type FindAnswer = z.infer<ReturnType<typeof answerSchema>>

/** Longer text is cut rather than refused: the finding may be good all the same. */
function shortText(max: number) {
  return z.string().transform((text) => (text.length > max ? `${text.slice(0, max - 1)}…` : text).trim())
}

function oneOf(values: readonly string[]) {
  return z.string().refine((value) => values.includes(value), 'is not in the list asked about')
}

function objectOf(properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []) {
  return {
    type: 'object',
    properties,
    required: Object.keys(properties).filter((name) => !optional.includes(name)),
    additionalProperties: false,
  }
}
