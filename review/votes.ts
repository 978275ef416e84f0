import type { Finding } from './finding.ts'
import { fingerprint } from './rank/fingerprint.ts'
import { numberTwins } from './rank/merge.ts'
import type { VotedFinding } from './rank/ranked.ts'
import { isSameDefect } from './rank/similar.ts'
import type { ProvedFinding } from './prove/prove.ts'

/** Names proved findings, puts those of several passes together, and counts how many passes said each. */
export function countVotes(
  proved: readonly { readonly finding: ProvedFinding; readonly pass: number }[],
  passes: number,
): VotedFinding[] {
  const groups: { finding: Finding; passes: Set<number> }[] = []
  for (const { finding, pass } of proved) {
    const named: Finding = { ...finding, id: fingerprint(finding) }
    const known = groups.find((group) => isSamePlace(group.finding, named))
    if (known === undefined) groups.push({ finding: named, passes: new Set([pass]) })
    else known.passes.add(pass)
  }
  return numberTwins(groups.map(({ finding, passes: said }) => ({ ...finding, votes: { said: said.size, passes } })))
}

function isSamePlace(left: Finding, right: Finding): boolean {
  const isSameLine = left.line === right.line && left.side === right.side
  return isSameLine && (left.id === right.id || isSameDefect(left, right))
}

/** A finding of the deterministic part: said once, by code. */
export function certain(finding: ProvedFinding): VotedFinding {
  return { ...finding, id: fingerprint(finding), votes: { said: 1, passes: 1 } }
}
