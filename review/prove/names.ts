/** What stands in the head tree, as far as it was read; null means that it is not known. */
export interface HeadNames {
  readonly hasPath: (path: string) => boolean | null
  readonly hasName: (name: string) => boolean | null
}

/** Paths and identifiers that text puts in backticks and that the head does not have. */
export function unknownNames(text: string, names: HeadNames): string[] {
  const spans = [...text.matchAll(/`([^`\n]{1,200})`/gu)].map(([, span]) => (span ?? '').trim())
  return [...new Set(spans)].filter((span) => isUnknown(span, names))
}

function isUnknown(span: string, names: HeadNames): boolean {
  const path = /^\.?\/?((?:[\w@.-]+\/)+[\w.-]+\.\w{1,8})(?::\d+)?$/u.exec(span)?.[1]
  if (path !== undefined) return names.hasPath(path) === false
  // `order.lines`, `settle()`, `Foo::bar`: the name called or read is the last one.
  const called = /^(?:[\w$]+(?:\.|::|->|\?\.))*([\p{L}_$][\p{L}\p{N}_$]{2,})(?:\([^()]*\))?$/u.exec(span)?.[1]
  return called !== undefined && names.hasName(called) === false
}
