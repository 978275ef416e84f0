import { createHash } from 'node:crypto'
import type { Category } from '../finding.ts'

/** Lengths of a fingerprint: 12 hexadecimal digits, unique enough within one pull request and short enough to type. */
const digits = 12

/**
 * Names a finding over runs, whatever line it moved to and however the model words it: path, category and the quoted code without
 * its layout.
 */
export function fingerprint(finding: { readonly path: string; readonly category: Category; readonly quote: string }) {
  return createHash('sha256')
    .update(JSON.stringify([finding.path, finding.category, normaliseCode(finding.quote)]))
    .digest('hex')
    .slice(0, digits)
}

/** Code without indentation, line breaks, runs of blanks and a closing semicolon or comma. */
export function normaliseCode(code: string): string {
  return code.replace(/\s+/gu, ' ').trim().replace(/[;,]$/u, '')
}
