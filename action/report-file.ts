import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Writes a report for `github/codeql-action/upload-sarif` and one for scripts beside it; answers the path of the first. */
export function writeReport(folder: string | undefined, name: string, sarif: unknown, json: unknown): string {
  const place = folder ?? '.'
  mkdirSync(place, { recursive: true })
  const path = join(place, `devloop-${name}.sarif`)
  writeFileSync(path, `${JSON.stringify(sarif, null, 2)}\n`)
  writeFileSync(join(place, `devloop-${name}.json`), `${JSON.stringify(json, null, 2)}\n`)
  return path
}
