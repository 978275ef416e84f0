import type { Range } from './plan.ts'

/** A node of mdast, as far as its place goes. */
interface Positioned {
  readonly position?:
    | {
        readonly start: { readonly line: number; readonly offset?: number | undefined }
        readonly end: { readonly offset?: number | undefined }
      }
    | undefined
}

/** Where a node stands in the source. */
export function rangeOf(node: Positioned): Range {
  return { start: node.position?.start.offset ?? 0, end: node.position?.end.offset ?? 0 }
}

export function lineOf(node: Positioned): number {
  return node.position?.start.line ?? 1
}
