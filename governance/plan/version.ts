/** X.Y or X.Y.Z. A version without Z is the same as one with Z = 0. */
export interface PlanVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** What a step from one version to another is: one of the three allowed steps, none, or a wrong one. */
export type VersionStep = 'same' | 'edit' | 'phase' | 'replace' | 'down' | 'skip'

const PLAIN = /^v?(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?$/iu
const IN_TITLE = /(?:^|[\s(_])v(\d{1,6})(?:\.(\d{1,6}))?(?:\.(\d{1,6}))?(?!\w|\.\w)/giu
const FILE_NAME = /^plan_v(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?\.md$/u

/** Reads `1`, `v1`, `0.1` or `0.1.2`; undefined for anything else. */
export function findVersion(text: string): PlanVersion | undefined {
  return fromMatch(PLAIN.exec(text.trim()))
}

/** The version a title names: the one after the word "Plan" if there is one, else the last. */
export function findTitleVersion(title: string): { readonly version: PlanVersion; readonly text: string } | undefined {
  const matches = [...title.matchAll(IN_TITLE)]
  const match = matches.find((candidate) => /plan\s*$/iu.test(title.slice(0, candidate.index))) ?? matches.at(-1)
  const version = match && fromMatch(match)
  return match && version ? { version, text: match[0].replace(/^[\s(_]/u, '') } : undefined
}

/** The version in a file name that has exactly the form plan_vX.Y.md or plan_vX.Y.Z.md. */
export function findFileVersion(path: string): PlanVersion | undefined {
  return fromMatch(FILE_NAME.exec(path.slice(path.lastIndexOf('/') + 1)))
}

function fromMatch(match: RegExpMatchArray | null | undefined): PlanVersion | undefined {
  return match ? { major: Number(match[1]), minor: Number(match[2] ?? 0), patch: Number(match[3] ?? 0) } : undefined
}

export function formatVersion({ major, minor, patch }: PlanVersion): string {
  return patch === 0 ? `${major}.${minor}` : `${major}.${minor}.${patch}`
}

export function planFileName(version: PlanVersion): string {
  return `plan_v${formatVersion(version)}.md`
}

export function compareVersions(a: PlanVersion, b: PlanVersion): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch
}

/** The version one step on: `edit` raises Z, `phase` raises Y and drops Z, `replace` raises X and drops the rest. */
export function nextVersion(from: PlanVersion, step: 'edit' | 'phase' | 'replace'): PlanVersion {
  if (step === 'edit') return { ...from, patch: from.patch + 1 }
  if (step === 'phase') return { major: from.major, minor: from.minor + 1, patch: 0 }
  return { major: from.major + 1, minor: 0, patch: 0 }
}

export function versionStep(from: PlanVersion, to: PlanVersion): VersionStep {
  const order = compareVersions(to, from)
  if (order === 0) return 'same'
  if (order < 0) return 'down'
  const steps = ['edit', 'phase', 'replace'] as const
  return steps.find((step) => compareVersions(nextVersion(from, step), to) === 0) ?? 'skip'
}
