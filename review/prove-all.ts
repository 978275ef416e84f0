import { namesIn } from './context/names-in.ts'
import { loadSyntax } from './context/syntax.ts'
import type { ChangedFile } from './diff/model.ts'
import type { Proposal } from './finding.ts'
import { type ProvedFinding, prover } from './prove/prove.ts'
import type { ReviewWorld } from './world.ts'

/** Whole files read to prove suggestions; beyond it suggestions are refused, findings are not. */
const mostFiles = 40

export interface ProvedPass {
  readonly finding: ProvedFinding
  readonly pass: number
}

export interface ProofRun {
  readonly proved: readonly ProvedPass[]
  /** What was read of the head. */
  readonly headTexts: ReadonlyMap<string, string>
}

/** Proves what the passes proposed; files at the head are read once each, and only those that findings are about. */
export async function proveAll(
  proposals: readonly { readonly proposal: Proposal; readonly pass: number }[],
  files: readonly ChangedFile[],
  world: Pick<ReviewWorld, 'readHead' | 'listHeadPaths'>,
): Promise<ProofRun> {
  const headTexts = await readFiles(proposals, files, world.readHead)
  const paths = proposals.some(({ proposal }) => namesPath(proposal)) ? await world.listHeadPaths() : null
  const names = namesIn([...headTexts.values(), ...files.flatMap(textsOf)].join('\n'))
  const syntax = await loadSyntax()
  const prove = prover({
    files,
    headText: (path) => headTexts.get(path) ?? null,
    parses: syntax.parses,
    hasPath: (path) => (paths === null ? null : paths.has(path)),
    // A name that we did not read may stand in a file that we did not read.
    hasName: (name) => (names.has(name) ? true : null),
  })
  const proved = proposals.flatMap(({ proposal, pass }) => {
    const proof = prove(proposal)
    return proof.kind === 'proved' ? [{ finding: proof.finding, pass }] : []
  })
  return { proved, headTexts }
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

function namesPath({ title, body }: Proposal): boolean {
  return /`[^`\s]*\/[^`\s]*\.\w+/u.test(`${title} ${body}`)
}
