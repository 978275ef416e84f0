import type { Log, ReportingDescriptor, Result } from 'sarif'
import { categories, type Severity } from '../finding.ts'
import type { VotedFinding } from '../rank/ranked.ts'
import type { ReviewResult } from '../result.ts'

const levels: Readonly<Record<Severity, Result.level>> = {
  critical: 'error',
  high: 'error',
  medium: 'warning',
  low: 'note',
}

/** GitHub's code scanning reads this scale (0 to 10) for security rules. */
const ranks: Readonly<Record<Severity, number>> = { critical: 95, high: 75, medium: 50, low: 20 }

/** SARIF 2.1.0. Deleted lines have no place at the head: such findings point at their file. */
export function reviewSarif(result: ReviewResult): Log {
  const findings = [...result.ranking.inline, ...result.ranking.folded]
  const rules = categories.map(
    (category): ReportingDescriptor => ({ id: `devloop/${category}`, name: pascal(category) }),
  )
  return {
    version: '2.1.0',
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    runs: [
      {
        tool: { driver: { name: 'DevLoop', rules } },
        results: findings.map(resultOf),
        invocations: [
          {
            executionSuccessful: result.outcome !== 'failed',
            ...(result.shortfall === null
              ? {}
              : { toolExecutionNotifications: [{ level: 'warning', message: { text: result.shortfall } }] }),
          },
        ],
        versionControlProvenance: [],
        properties: { outcome: result.outcome, headSha: result.receipt.headSha, model: result.receipt.model },
      },
    ],
  }
}

function resultOf(finding: VotedFinding): Result {
  const { id, path, line, endLine, side, severity, category, title, body, confidence } = finding
  const region = line === null || side === 'LEFT' ? {} : { region: { startLine: line, endLine: endLine ?? line } }
  return {
    ruleId: `devloop/${category}`,
    ruleIndex: categories.indexOf(category),
    level: levels[severity],
    rank: ranks[severity] * confidence,
    message: { text: body === '' ? title : `${title}\n\n${body}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: encodeURI(path) }, ...region } }],
    partialFingerprints: { 'devloop/v1': id },
  }
}

function pascal(category: string): string {
  return category.replace(/(?:^|-)(\w)/gu, (_match, letter: string) => letter.toUpperCase())
}
