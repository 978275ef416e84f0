import { hunkLabel, wholeFile } from '../diff/label.ts'
import type { ChangedFile, DiffProblem, Hunk, ParsedDiff } from '../diff/model.ts'
import type { CoverageEntry, CoverageReason } from '../finding.ts'
import type { PathAttributes } from './attributes.ts'
import { type RiskId, risks, risksOf } from './risks.ts'
import { skipReason } from './skip-reason.ts'

export interface ClassifyContext {
  /** See `readAttributes`. */
  readonly attributesOf: (path: string) => PathAttributes
  /** What `review.paths.ignore` says. */
  readonly isIgnored: (path: string) => boolean
}

export interface Classified {
  /** Hunks to review, riskiest file first, each file's hunks together and in order. */
  readonly hunks: readonly ClassifiedHunk[]
  /** Everything else of the change, once, with its reason. */
  readonly skipped: readonly CoverageEntry[]
  readonly mustCheck: readonly MustCheck[]
}

export interface ClassifiedHunk {
  readonly file: ChangedFile
  readonly hunk: Hunk
  readonly risks: readonly RiskId[]
}

/** A question that the review has to answer because of what was touched; `places` are `path hunk` pairs of the ledger. */
export interface MustCheck {
  readonly id: RiskId
  readonly question: string
  readonly places: readonly { readonly path: string; readonly hunk: string }[]
}

/** Decides what is reviewed, in what order, and what the review must look at. */
export function classify(diff: ParsedDiff, context: ClassifyContext): Classified {
  const skipped: CoverageEntry[] = diff.problems.flatMap(unparsed)
  const groups: { hunks: ClassifiedHunk[]; score: number }[] = []
  for (const file of diff.files) {
    const reason = skipReason(file, context.attributesOf(file.path), context.isIgnored(file.path))
    if (reason !== null) {
      skipped.push(...skippedFile(file, reason))
      continue
    }
    const hunks = file.hunks.map((hunk) => ({ file, hunk, risks: risksOf(file, hunk) }))
    groups.push({
      hunks,
      score: hunks.reduce((most, hunk) => Math.max(most, scoreOf(hunk)), 0) + familiarity(file.path),
    })
  }
  const hunks = groups.sort((left, right) => right.score - left.score).flatMap((group) => group.hunks)
  return { hunks, skipped, mustCheck: mustChecksOf(hunks) }
}

function skippedFile(file: ChangedFile, reason: CoverageReason): CoverageEntry[] {
  const labels = file.hunks.length === 0 ? [wholeFile] : file.hunks.map(hunkLabel)
  return labels.map((hunk) => ({ path: file.path, hunk, state: 'skipped', reason }))
}

/** What the parser could not read may hold changes: the ledger says where. */
function unparsed(problem: DiffProblem): CoverageEntry[] {
  if (problem.code === 'outside') return []
  const hunk = `input line ${problem.line}`
  return [{ path: problem.path ?? '(unknown file)', hunk, state: 'skipped', reason: 'unparsed' }]
}

function scoreOf({ hunk, risks: ids }: ClassifiedHunk): number {
  const weight = ids.reduce((sum, id) => sum + risks[id].weight, 0)
  return weight + Math.log2(1 + hunk.additions + hunk.deletions) / 2
}

/** Tests and prose break less when they are wrong. */
function familiarity(path: string): number {
  if (/\.(?:md|mdx|rst|txt|adoc)$/i.test(path)) return -12
  return /(?:^|\/)(?:tests?|specs?|__tests__|testdata|fixtures)\/|[._-](?:test|spec)\.\w+$|_test\.go$|(?:^|\/)test_[^/]*\.py$/i.test(
    path,
  )
    ? -8
    : 0
}

function mustChecksOf(hunks: readonly ClassifiedHunk[]): MustCheck[] {
  const places = new Map<RiskId, { path: string; hunk: string }[]>()
  for (const { file, hunk, risks: ids } of hunks) {
    for (const id of ids) places.set(id, [...(places.get(id) ?? []), { path: file.path, hunk: hunkLabel(hunk) }])
  }
  return [...places].map(([id, found]) => ({ id, question: risks[id].question, places: found }))
}
