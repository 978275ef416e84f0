import type { GovernanceConfig } from '../config/resolved-config.ts'
import { compilePath } from './path-match.ts'

/** What a branch name says about the branch. */
export type BranchKind =
  | { readonly kind: 'main' }
  | { readonly kind: 'staging' }
  | { readonly kind: 'feature'; readonly phase: number | null; readonly slug: string }
  | { readonly kind: 'exempt'; readonly pattern: string }
  | { readonly kind: 'unnamed' }

type Branches = GovernanceConfig['branches']

/** `foreign`: the branch lies in a fork, where a branch called main is not ours. */
export function branchKind(name: string, branches: Branches, foreign: boolean): BranchKind {
  if (!foreign && name === branches.main) return { kind: 'main' }
  if (!foreign && name === branches.staging) return { kind: 'staging' }
  const match = featurePattern(branches.feature).exec(name)
  if (match) {
    const phase = match.groups?.phase
    return { kind: 'feature', phase: phase === undefined ? null : Number(phase), slug: match.groups?.slug ?? '' }
  }
  const pattern = branches.exempt.find((glob) => compilePath(glob).matches(name))
  return pattern === undefined ? { kind: 'unnamed' } : { kind: 'exempt', pattern }
}

/** The name a feature branch of this phase would have. */
export function featureName(feature: string, phase: number, slug: string): string {
  return feature.replaceAll('{phase}', String(phase)).replaceAll('{slug}', slug)
}

function featurePattern(feature: string): RegExp {
  const seen = new Set<string>()
  const source = feature
    .split(/(\{phase\}|\{slug\})/u)
    .map((part) => {
      if (part !== '{phase}' && part !== '{slug}') return part.replaceAll(/[.*+?^${}()|[\]\\/]/gu, '\\$&')
      const sign = part === '{phase}' ? '\\d{1,6}' : '[^\\s]+'
      if (seen.has(part)) return sign
      seen.add(part)
      return part === '{phase}' ? `(?<phase>${sign})` : `(?<slug>${sign})`
    })
    .join('')
  return new RegExp(`^${source}$`, 'u')
}
