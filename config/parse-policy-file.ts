import { z } from 'zod'
import { nearest } from './nearest.ts'
import { policySchema } from './policy-schema.ts'
import { readYaml, type YamlText } from './read-yaml.ts'
import { type ResolvedConfig, resolvePolicy } from './resolved-config.ts'

export interface PolicyProblem {
  /** 1-based. */
  readonly line: number
  readonly column: number
  /** Where in the policy: `governance.rules`. Empty for the whole file. */
  readonly path: string
  /** One sentence. */
  readonly message: string
  /** The known name most like the unknown one. */
  readonly nearest?: string
}

export type PolicyResult =
  | { readonly ok: true; readonly config: ResolvedConfig }
  | { readonly ok: false; readonly problems: readonly PolicyProblem[] }

const MAX_CHARS = 262_144
const MAX_PROBLEMS = 50

/** Reads the text of devloop.yml strictly. Never throws; an empty file means the defaults. */
export function parsePolicyFile(text: string): PolicyResult {
  const yaml = readYaml(text, { maxChars: MAX_CHARS, name: 'devloop.yml' })
  if (!yaml.ok) return { ok: false, problems: yaml.problems.map((problem) => ({ ...problem, path: '' })) }
  const parsed = policySchema.safeParse(withoutEmptySections(yaml.value ?? {}, inputSchema()))
  if (parsed.success) return { ok: true, config: resolvePolicy(parsed.data) }
  const problems = parsed.error.issues.flatMap((issue) => describe(issue, yaml))
  return { ok: false, problems: problems.sort(byPlace).slice(0, MAX_PROBLEMS) }
}

function byPlace(a: PolicyProblem, b: PolicyProblem): number {
  return a.line - b.line || a.column - b.column
}

interface JsonSchema {
  readonly type?: string | undefined
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly items?: JsonSchema
}

let cachedSchema: JsonSchema | undefined
function inputSchema(): JsonSchema {
  cachedSchema ??= z.toJSONSchema(policySchema, { io: 'input' }) as JsonSchema
  return cachedSchema
}

/** A section whose lines are all commented out is null in YAML and means its defaults. */
function withoutEmptySections(value: unknown, schema: JsonSchema | undefined): unknown {
  if (value === null && schema?.type === 'object') return {}
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [key, withoutEmptySections(member, schema?.properties?.[key])]),
  )
}

function describe(issue: z.core.$ZodIssue, yaml: YamlText): PolicyProblem[] {
  const path = issue.path.map((segment) => (typeof segment === 'number' ? segment : String(segment)))
  const name = path.join('.')
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(path)
    return issue.keys.map((key) => {
      const near = nearest(key, known)
      const place = path.length === 0 ? 'at the top' : `in ${name}`
      return {
        ...yaml.locate(path, key),
        path: name,
        ...unknownName(`"${key}" is not a known key ${place}`, near, known),
      }
    })
  }
  return [{ ...yaml.locate(path), path: name, ...valueProblem(issue, name || 'the file', valueAt(yaml.value, path)) }]
}

function valueProblem(
  issue: z.core.$ZodIssue,
  name: string,
  value: unknown,
): Pick<PolicyProblem, 'message' | 'nearest'> {
  const shown = JSON.stringify(value)?.slice(0, 80) ?? 'nothing'
  if (issue.code === 'invalid_value') {
    const known = issue.values.map(String)
    return unknownName(`${name} is ${shown}, which is not one of its values`, nearest(String(value), known), known)
  }
  if (issue.code === 'invalid_type')
    return { message: `${name} is ${shown}, but must be ${withArticle(issue.expected)}` }
  if (issue.code === 'too_big')
    return { message: `${name} is ${shown}, but must be at most ${String(issue.maximum)}${unit(issue.origin)}` }
  if (issue.code === 'too_small')
    return { message: `${name} is ${shown}, but must be at least ${String(issue.minimum)}${unit(issue.origin)}` }
  if (issue.code === 'invalid_union') return { message: `${name} is ${shown}, which is neither of its forms` }
  return { message: `${name} is ${shown}, but it ${issue.message}` }
}

function unknownName(
  start: string,
  near: string | undefined,
  known: readonly string[],
): Pick<PolicyProblem, 'message' | 'nearest'> {
  if (near !== undefined) return { message: `${start}; did you mean "${near}"?`, nearest: near }
  return { message: `${start}; known are ${known.join(', ')}` }
}

function withArticle(type: string): string {
  return /^[aeiou]/u.test(type) ? `an ${type}` : `a ${type}`
}

function unit(origin: string): string {
  if (origin === 'string') return ' characters long'
  return origin === 'array' ? ' entries long' : ''
}

function knownKeys(path: readonly (string | number)[]): string[] {
  let schema: JsonSchema | undefined = inputSchema()
  for (const segment of path) schema = typeof segment === 'number' ? schema?.items : schema?.properties?.[segment]
  return Object.keys(schema?.properties ?? {})
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let at = value
  for (const segment of path) {
    if (typeof at !== 'object' || at === null) return undefined
    at = (at as Record<string | number, unknown>)[segment]
  }
  return at
}
