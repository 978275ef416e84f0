import type { ChangedFile } from '../diff/model.ts'
import type { Finding, Proposal } from '../finding.ts'
import { type Anchor, anchorOf, type LineSpan, type UnplacedReason } from './anchor.ts'
import { cleanModelLine, cleanModelText, shorten } from './clean-text.ts'
import { type HeadNames, unknownNames } from './names.ts'
import { indexPlaces, type Places } from './places.ts'
import { proveSuggestion, type SuggestionFault } from './suggestion.ts'

/** What findings are held against. All text is masked as the model saw it, except `headText`. */
export interface ProofWorld extends HeadNames {
  readonly files: readonly ChangedFile[]
  /** The whole file at the head; null where it was not read: suggestions for it are refused. */
  readonly headText: (path: string) => string | null
  /** True, false, or null where no parser is to be had. */
  readonly parses: (path: string, text: string) => boolean | null
}

export type Proof =
  | { readonly kind: 'proved'; readonly finding: ProvedFinding; readonly notes: readonly ProofNote[] }
  | {
      readonly kind: 'dropped'
      readonly proposal: Proposal
      readonly reason: DropReason
      readonly names: readonly string[]
    }

/** The rank step names it. */
export type ProvedFinding = Omit<Finding, 'id'>

/** `foreign`: its path is not in the diff. `invented`: its quote stands nowhere and it names what does not exist. `empty`: it says nothing. */
export type DropReason = 'foreign' | 'invented' | 'empty'

/** What was changed about a proposal, and why. */
export type ProofNote =
  | { readonly kind: 'moved'; readonly fromPath: string; readonly fromLine: number }
  | { readonly kind: 'unplaced'; readonly reason: UnplacedReason }
  | {
      readonly kind: 'suggestion-refused'
      readonly reason: SuggestionFault | 'no-head-text' | 'deleted-code' | 'unplaced'
    }
  | { readonly kind: 'names-unknown'; readonly names: readonly string[] }

const maxTitle = 160
const maxBody = 2000
const maxQuote = 600
/** Confidence kept by a finding that names something the head does not have. */
const unknownNamePenalty = 0.7
/** And by one whose quote stands nowhere. */
const unplacedPenalty = 0.5

/** Returns a function that proves proposals about one change; the diff is searched, not parsed, each time. */
export function prover(world: ProofWorld): (proposal: Proposal) => Proof {
  const places = indexPlaces(world.files)
  return (proposal) => prove(proposal, world, places)
}

function prove(proposal: Proposal, world: ProofWorld, places: Places): Proof {
  const title = cleanModelLine(proposal.title, maxTitle)
  const body = shorten(cleanModelText(proposal.body).trim(), maxBody)
  if (title === '' && body === '') return { kind: 'dropped', proposal, reason: 'empty', names: [] }
  const unknown = unknownNames(`${title}\n${body}`, namesWith(proposal, world))
  const anchor = anchorOf(proposal, places)
  if (anchor.kind === 'foreign') return { kind: 'dropped', proposal, reason: 'foreign', names: [proposal.path] }
  const isUnplaced = anchor.kind === 'unplaced'
  if (isUnplaced && unknown.length > 0) return { kind: 'dropped', proposal, reason: 'invented', names: unknown }
  const suggested = isUnplaced ? noSuggestion(proposal, 'unplaced') : checkSuggestion(proposal, anchor, world)
  const notes: ProofNote[] = [...suggested.notes]
  if (unknown.length > 0) notes.push({ kind: 'names-unknown', names: unknown })
  if (anchor.kind === 'unplaced') notes.push({ kind: 'unplaced', reason: anchor.reason })
  if (anchor.kind === 'moved') notes.push({ kind: 'moved', fromPath: proposal.path, fromLine: proposal.line })
  const { suggestion: _, ...rest } = proposal
  const finding: ProvedFinding = {
    ...rest,
    title: title || cleanModelLine(body, maxTitle),
    body,
    quote: shorten(cleanModelText(proposal.quote).trim(), maxQuote),
    confidence: confidenceOf(proposal, isUnplaced, unknown.length > 0),
    place: anchor.kind,
    ...(anchor.kind === 'unplaced'
      ? { path: anchor.path, line: null, endLine: null, side: 'RIGHT' }
      : { path: anchor.place.path, side: anchor.place.side, ...spanOf(suggested.span ?? anchor.place) }),
    ...(suggested.text === null ? {} : { suggestion: suggested.text }),
  }
  return { kind: 'proved', finding, notes }
}

/** A finding may name what its own suggestion brings in, and the files of the diff. */
function namesWith(proposal: Proposal, world: ProofWorld): HeadNames {
  const suggestion = proposal.suggestion ?? ''
  return {
    hasName: (name) => suggestion.includes(name) || world.hasName(name),
    hasPath: (path) => world.files.some((file) => file.path === path || file.oldPath === path) || world.hasPath(path),
  }
}

function confidenceOf(proposal: Proposal, isUnplaced: boolean, hasUnknown: boolean): number {
  const given = Math.min(1, Math.max(0, proposal.confidence || 0))
  return given * (isUnplaced ? unplacedPenalty : 1) * (hasUnknown ? unknownNamePenalty : 1)
}

function spanOf({ line, endLine }: LineSpan): LineSpan {
  return { line, endLine }
}

interface CheckedSuggestion {
  readonly text: string | null
  readonly span: LineSpan | null
  readonly notes: readonly ProofNote[]
}

type PlacedAnchor = Extract<Anchor, { kind: 'quoted' | 'moved' }>

function checkSuggestion(proposal: Proposal, { place, quoted }: PlacedAnchor, world: ProofWorld): CheckedSuggestion {
  if (proposal.suggestion === undefined || place.side === 'LEFT') return noSuggestion(proposal, 'deleted-code')
  const headText = world.headText(place.path)
  if (headText === null) return noSuggestion(proposal, 'no-head-text')
  const { suggestion } = proposal
  const spans = [spanOf(place), spanOf(quoted)]
  const proved = proveSuggestion({ suggestion, path: place.path, spans, headText, parses: world.parses })
  if (proved.kind === 'refused') return noSuggestion(proposal, proved.reason)
  return { text: proved.text, span: proved.span, notes: [] }
}

function noSuggestion(
  proposal: Proposal,
  reason: SuggestionFault | 'no-head-text' | 'deleted-code' | 'unplaced',
): CheckedSuggestion {
  const notes: ProofNote[] = proposal.suggestion === undefined ? [] : [{ kind: 'suggestion-refused', reason }]
  return { text: null, span: null, notes }
}
