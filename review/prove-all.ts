import { isCodedError } from '../ports/errors.ts'
import { namesIn } from './context/names-in.ts'
import { reachablePaths } from './context/reachable.ts'
import { loadSyntax } from './context/syntax.ts'
import type { ChangedFile } from './diff/model.ts'
import type { Proposal } from './finding.ts'
import { namesSpokenOf } from './prove/names.ts'
import { type ProvedFinding, prover } from './prove/prove.ts'
import type { ReviewWorld } from './world.ts'

/** Whole files read to prove suggestions, those proposed about first; beyond it suggestions are refused, findings are not. */
export const mostFiles = 40
/** Files read beyond the change to look for names; with more in question, a name that is not found counts as not known. */
const mostLookedThrough = 24

export interface ProvedPass {
  readonly finding: ProvedFinding
  readonly pass: number
}

export interface ProofRun {
  readonly proved: readonly ProvedPass[]
  /** What was read of the head. */
  readonly headTexts: ReadonlyMap<string, string>
  /** Whether a finding speaks of nothing that would have to be looked for beyond the change. */
  readonly isAtHome: (said: { readonly title: string; readonly body: string }) => boolean
}

/** Proves what the passes proposed; files at the head are read once each, and only those that findings are about. */
export async function proveAll(
  proposals: readonly { readonly proposal: Proposal; readonly pass: number }[],
  files: readonly ChangedFile[],
  world: Pick<ReviewWorld, 'readHead' | 'listHeadPaths'>,
  /** What the prompts told besides the diff. */
  told: string,
): Promise<ProofRun> {
  const headTexts = await readFiles(proposals, files, world.readHead)
  const changed = [...headTexts.values(), ...files.flatMap(textsOf)].join('\n')
  const names = namesIn(`${changed}\n${told}`)
  const missingIn = ({ title, body }: Pick<Proposal, 'title' | 'body'>) =>
    namesSpokenOf(`${title}\n${body}`).filter((name) => !names.has(name))
  const missing = proposals.flatMap(({ proposal }) => missingIn(proposal))
  const isAsked = missing.length > 0 || proposals.some(({ proposal }) => namesPath(proposal))
  const paths = isAsked ? await world.listHeadPaths() : null
  const elsewhere = missing.length === 0 ? null : await namesElsewhere(changed, missing, paths, world.readHead)
  const syntax = await loadSyntax()
  const prove = prover({
    files,
    headText: (path) => headTexts.get(path) ?? null,
    parses: syntax.parses,
    hasPath: (path) => (paths === null ? null : paths.has(path)),
    hasName: (name) => names.has(name) || (elsewhere === null ? null : elsewhere.has(name)),
  })
  const proved = proposals.flatMap(({ proposal, pass }) => {
    const proof = prove(proposal)
    return proof.kind === 'proved' ? [{ finding: proof.finding, pass }] : []
  })
  return { proved, headTexts, isAtHome: (said) => !namesPath(said) && missingIn(said).length === 0 }
}

/** Names in the files that the change can mean, and in all paths; null where they are too many or cannot be read. */
async function namesElsewhere(
  changed: string,
  missing: readonly string[],
  paths: ReadonlySet<string> | null,
  readHead: ReviewWorld['readHead'],
): Promise<ReadonlySet<string> | null> {
  if (paths === null) return null
  const wanted = reachablePaths(paths, changed, missing)
  if (wanted.length > mostLookedThrough) return null
  try {
    const texts = await Promise.all(wanted.map(readHead))
    return namesIn([...paths, ...texts.filter((text) => text !== null)].join('\n'))
  } catch (error) {
    // Only a doubt could be raised by what stands there: no reason to lose the review.
    if (isCodedError(error)) return null
    throw error
  }
}

async function readFiles(
  proposals: readonly { readonly proposal: Proposal }[],
  files: readonly ChangedFile[],
  readHead: ReviewWorld['readHead'],
): Promise<ReadonlyMap<string, string>> {
  const known = new Set(files.map(({ path }) => path))
  const wanted = [...new Set(proposals.map(({ proposal }) => proposal.path))].filter((path) => known.has(path))
  const texts = await Promise.all(wanted.slice(0, mostFiles).map(async (path) => [path, await readHead(path)] as const))
  return new Map(texts.flatMap(([path, text]) => (text === null ? [] : [[path, text] as const])))
}

function textsOf(file: ChangedFile): string[] {
  return file.hunks.flatMap((hunk) => hunk.lines.map(({ text }) => text))
}

function namesPath({ title, body }: Pick<Proposal, 'title' | 'body'>): boolean {
  return /`[^`\s]*\/[^`\s]*\.\w+/u.test(`${title} ${body}`)
}
