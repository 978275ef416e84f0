import type { ChangedFile } from './diff/model.ts'
import type { Proposal } from './finding.ts'
import { type ProvedFinding, prover } from './prove/prove.ts'

/** Whole files read to prove suggestions; beyond it suggestions are refused, findings are not. */
const mostFiles = 40

export interface ProvingWorld {
  readonly files: readonly ChangedFile[]
  readonly readHead: (path: string) => Promise<string | null>
}

export interface ProvedPass {
  readonly finding: ProvedFinding
  readonly pass: number
}

/** Proves what the passes proposed; files at the head are read once each, and only those that findings are about. */
export async function proveAll(
  proposals: readonly { readonly proposal: Proposal; readonly pass: number }[],
  world: ProvingWorld,
): Promise<{ readonly proved: readonly ProvedPass[]; readonly headTexts: ReadonlyMap<string, string> }> {
  const known = new Set(world.files.map(({ path }) => path))
  const paths = [...new Set(proposals.map(({ proposal }) => proposal.path))].filter((path) => known.has(path))
  const headTexts = new Map<string, string>()
  for (const path of paths.slice(0, mostFiles)) {
    const text = await world.readHead(path)
    if (text !== null) headTexts.set(path, text)
  }
  const prove = prover({
    files: world.files,
    headText: (path) => headTexts.get(path) ?? null,
    parses: () => null,
    hasPath: () => null,
    hasName: () => null,
  })
  const proved = proposals.flatMap(({ proposal, pass }) => {
    const proof = prove(proposal)
    return proof.kind === 'proved' ? [{ finding: proof.finding, pass }] : []
  })
  return { proved, headTexts }
}
