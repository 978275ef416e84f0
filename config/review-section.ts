import { z } from 'zod'
import { glob, globs } from './text-fields.ts'

/** Severities from worst to mildest, as findings carry them. */
const SEVERITIES = ['critical', 'high', 'medium', 'low'] as const

const instruction = z.strictObject({
  glob: glob.describe('The files this instruction is about.'),
  text: z.string().min(1).max(4000).describe('What the reviewer must know about them.'),
})

const tag = z
  .string()
  .regex(/^[\w.-]+(?:\/[\w.-]+)*(?::[\w.-]+)?$/u, 'must be an Ollama tag such as qwen3-coder:30b')
  .max(200)

/** How a change is reviewed by the model. */
export const reviewSection = z.strictObject({
  model: tag.default('qwen3-coder:30b').describe('Any Ollama tag; mistral:7b-instruct-q5_K_M is the small one.'),
  secondModel: tag
    .nullable()
    .default(null)
    .describe('Another Ollama tag for the second look at each finding; null: the same model looks again.'),
  auto: z
    .boolean()
    .default(false)
    .describe('true: also review when a pull request is opened, made ready or pushed to.'),
  paths: z
    .strictObject({
      ignore: globs([]).describe('Files that are never reviewed, such as build output.'),
      instructions: z.array(instruction).max(100).default([]).describe('What holds for some files only.'),
    })
    .prefault({})
    .describe('Which files are reviewed, and what holds for them.'),
  architecture: z
    .string()
    .min(1)
    .max(500)
    .nullable()
    .default('docs/ARCHITECTURE.md')
    .describe('The document that architecture drift is judged against; null for none.'),
  maxFindings: z
    .int()
    .min(0)
    .max(50)
    .default(5)
    .describe('How many findings are posted at lines; the rest is folded into the summary.'),
  minSeverity: z.enum(SEVERITIES).default('medium').describe('Milder findings are left out.'),
})
