import type { ParsedDiff } from './diff/model.ts'
import type { Category, CoverageEntry, Finding } from './finding.ts'
import type { ReviewInputs } from './gather/inputs.ts'
import type { ChecklistItem } from './result.ts'

/** The three questions every review answers, from what was found, what was read and which files change. */
export function checklistOf(
  inputs: Pick<ReviewInputs, 'architecture' | 'diff'>,
  shown: readonly Finding[],
  coverage: readonly CoverageEntry[],
): ChecklistItem[] {
  const isRead = coverage.some((entry) => entry.state !== 'skipped')
  const countOf = (...wanted: Category[]) => shown.filter(({ category }) => wanted.includes(category)).length
  return [
    architectureItem(inputs.architecture, countOf('architecture'), isRead),
    testItem(inputs.diff, countOf('tests', 'error-handling'), isRead),
    item('performance', countOf('performance', 'resource'), isRead, 'nothing slow or leaking seen in what was read'),
  ]
}

function architectureItem(document: ReviewInputs['architecture'], found: number, isRead: boolean): ChecklistItem {
  const topic = 'architecture'
  if (document === null) return { topic, state: 'not-checked', text: 'the policy names no architecture document' }
  if (!document.isFound) {
    return { topic, state: 'not-checked', text: `there is no ${document.path} on the base branch to compare with` }
  }
  return item(topic, found, isRead, `no drift from ${document.path} seen in what was read`)
}

const testPath =
  /(?:^|\/)(?:__tests__|tests?|spec|e2e)\/|[._-](?:test|spec)\.[a-z]+$|(?:^|\/)test_[^/]+\.py$|_test\.go$/iu
const codePath = /\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|swift|scala|cc?|cpp|h)$/iu

function testItem(diff: ParsedDiff, found: number, isRead: boolean): ChecklistItem {
  const paths = diff.files
    .filter(({ status, additions }) => status !== 'deleted' && additions > 0)
    .map(({ path }) => path)
  const tests = paths.filter((path) => testPath.test(path)).length
  const code = paths.filter((path) => codePath.test(path) && !testPath.test(path)).length
  const topic = 'tests-and-errors'
  if (code > 0 && tests === 0) {
    const files = code === 1 ? 'a source file changes' : `${code} source files change`
    const more = found > 0 ? `; ${findings(found)}` : ''
    return { topic, state: 'attention', text: `${files} and no test does${more}` }
  }
  return item(topic, found, isRead, 'no missing test or lost error seen in what was read')
}

function item(topic: ChecklistItem['topic'], found: number, isRead: boolean, fine: string): ChecklistItem {
  if (found > 0) return { topic, state: 'attention', text: findings(found) }
  return isRead
    ? { topic, state: 'fine', text: fine }
    : { topic, state: 'not-checked', text: 'no model read the change' }
}

function findings(amount: number): string {
  return amount === 1 ? '1 finding' : `${amount} findings`
}
