import type { Proposal } from '../finding.ts'
import { type FileLines, findPlaces, type Place, type Places } from './places.ts'

/** Where a finding belongs, or why nowhere. */
export type Anchor =
  | { readonly kind: 'quoted' | 'moved'; readonly place: Place; readonly quoted: LineSpan }
  | { readonly kind: 'unplaced'; readonly path: string; readonly reason: UnplacedReason }
  | { readonly kind: 'foreign' }

/** `quoted` above: the lines of the quote itself, which may be more or fewer than the finding names. */
export interface LineSpan {
  readonly line: number
  readonly endLine: number
}

/** `no-quote`: nothing was quoted. `not-found`: the quote stands nowhere. `ambiguous`: it stands in several places, none of them the one named. */
export type UnplacedReason = 'no-quote' | 'not-found' | 'ambiguous'

/** A model miscounts by this much where only some lines are numbered. */
const closeLines = 3
/** A comment over more lines than this points at nothing. */
const maxRangeLines = 30
/** Quotes shorter than this may stand in another file by chance. */
const tellingCharacters = 16

/**
 * A quote that stands where the finding says stays there; one that stands in one other place moves there. Of several places the one
 * that the change added wins, then the only one close by; else the finding has no place.
 */
export function anchorOf(proposal: Proposal, places: Places): Anchor {
  const file = fileNamed(proposal.path, places)
  const here = file === undefined ? [] : findPlaces(file, proposal.quote)
  const claimed = claimedPlace(here, proposal)
  if (claimed !== undefined) return { kind: 'quoted', place: claimedRange(claimed, proposal), quoted: claimed }
  const found = here.length > 0 ? here : elsewhere(proposal, places, file)
  const chosen = choose(found, proposal.line)
  if (chosen !== null) return { kind: 'moved', place: movedRange(chosen, proposal), quoted: chosen }
  if (file === undefined) return { kind: 'foreign' }
  const isEmpty = proposal.quote.trim() === ''
  const reason = isEmpty ? 'no-quote' : found.length > 0 ? 'ambiguous' : 'not-found'
  return { kind: 'unplaced', path: file.path, reason }
}

/** The path as written, without the prefix of a diff, or the one changed file that it is the end of. */
function fileNamed(path: string, places: Places): FileLines | undefined {
  const bare = path.replace(/^(?:\.\/|[ab]\/)/u, '')
  const exact = places.byPath.get(path) ?? places.byPath.get(bare)
  if (exact !== undefined || bare === '') return exact
  const ends = [...places.byPath.values()].filter((file) => file.path.endsWith(`/${bare}`))
  return ends.length === 1 ? ends[0] : undefined
}

function elsewhere(proposal: Proposal, places: Places, except: FileLines | undefined): Place[] {
  if (proposal.quote.replace(/\s/gu, '').length < tellingCharacters) return []
  return [...places.byPath.values()].flatMap((file) => (file === except ? [] : findPlaces(file, proposal.quote)))
}

/** Of the places that cover the line named, the head's first: a line number is the head's unless only the base has the code. */
function claimedPlace(here: readonly Place[], proposal: Proposal): Place | undefined {
  const covering = here.filter((place) => covers(place, proposal))
  const right = covering.filter((place) => place.side === 'RIGHT')
  return right.find((place) => place.line === proposal.line) ?? right[0] ?? covering[0]
}

/** The quote covers the line named, or lies within the lines named. */
function covers(place: Place, proposal: Proposal): boolean {
  const isOnQuote = proposal.line >= place.line && proposal.line <= place.endLine
  const isAround = place.line >= proposal.line && place.endLine <= proposal.endLine
  return isOnQuote || (isAround && proposal.endLine - proposal.line < maxRangeLines)
}

/** The lines named, as far as the hunk goes. */
function claimedRange(place: Place, proposal: Proposal): Place {
  const line = Math.max(proposal.line, place.hunkStart)
  const endLine = Math.min(Math.max(line, proposal.endLine), place.hunkEnd)
  return endLine - line < maxRangeLines ? { ...place, line, endLine } : narrowed(place)
}

/** As many lines as the finding names, or the quote has, from the quote on. */
function movedRange(place: Place, proposal: Proposal): Place {
  const endLine = Math.max(place.endLine, place.line + Math.max(0, proposal.endLine - proposal.line))
  return endLine <= place.hunkEnd && endLine - place.line < maxRangeLines ? { ...place, endLine } : narrowed(place)
}

function narrowed(place: Place): Place {
  return { ...place, endLine: Math.min(place.endLine, place.line + maxRangeLines - 1) }
}

function choose(found: readonly Place[], line: number): Place | null {
  const right = found.filter((place) => place.side === 'RIGHT')
  const added = right.filter((place) => place.isChanged)
  for (const places of [found, added, right]) if (places.length === 1) return places[0] ?? null
  const close = found.filter((place) => Math.abs(place.line - line) <= closeLines)
  return close.length === 1 ? (close[0] ?? null) : null
}
