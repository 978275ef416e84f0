import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { BenchCase } from './bench-case.ts'
import type { CaseRun } from './score.ts'

const plain = z.array(
  z.object({
    case: z.string(),
    path: z.string(),
    line: z.number().nullable(),
    severity: z.string().default('unknown'),
    title: z.string().default(''),
  }),
)
const sarif = z.object({
  runs: z.array(
    z.object({
      results: z.array(
        z.object({
          level: z.string().default('warning'),
          message: z.object({ text: z.string() }),
          locations: z
            .array(
              z.object({
                physicalLocation: z.object({
                  artifactLocation: z.object({ uri: z.string() }),
                  region: z.object({ startLine: z.number() }).optional(),
                }),
              }),
            )
            .min(1),
        }),
      ),
    }),
  ),
})

/**
 * What another reviewer found, in the form of our own runs: a JSON array of `{case, path, line}`, or SARIF whose paths begin with the
 * id of the case.
 */
export async function readFindingsFile(file: string, cases: readonly BenchCase[]): Promise<CaseRun[]> {
  return runsOf(JSON.parse(await readFile(file, 'utf8')), cases)
}

export function runsOf(json: unknown, cases: readonly BenchCase[]): CaseRun[] {
  const findings = Array.isArray(json) ? plain.parse(json) : fromSarif(sarif.parse(json))
  const unknown = findings.find((finding) => !cases.some(({ id }) => id === finding.case))
  if (unknown !== undefined) throw new Error(`the findings name a case "${unknown.case}" that is not in the set`)
  return cases.map((benchCase) => {
    const comments = findings.filter((finding) => finding.case === benchCase.id)
    return {
      benchCase,
      comments,
      outcome: comments.length > 0 ? 'posted' : 'clean',
      shortfall: null,
      seconds: 0,
      promptTokens: 0,
      completionTokens: 0,
    }
  })
}

function fromSarif({ runs }: z.infer<typeof sarif>): z.infer<typeof plain> {
  return runs.flatMap(({ results }) =>
    results.flatMap(({ level, message, locations: [first] }) => {
      if (first === undefined) return []
      const { artifactLocation, region } = first.physicalLocation
      const [id = '', ...path] = decodeURI(artifactLocation.uri).split('/')
      return [{ case: id, path: path.join('/'), line: region?.startLine ?? null, severity: level, title: message.text }]
    }),
  )
}
