import type { ReviewInputs } from './gather/inputs.ts'
import { normaliseCode } from './rank/fingerprint.ts'
import type { EarlierFinding } from './rank/memory.ts'

/**
 * Answers whether code of an earlier finding, or of its suggestion, stands in a file now. Files are read only where there is an
 * earlier finding to ask about; a file that cannot be read counts by the diff alone.
 */
export async function standsInHead(
  inputs: ReviewInputs,
  readHead: (path: string) => Promise<string | null>,
): Promise<(path: string, code: string) => boolean> {
  const texts = new Map<string, string>()
  for (const path of pathsOf(inputs.memory.earlier)) {
    const text = (await readHead(path)) ?? shownText(inputs, path)
    texts.set(path, normaliseCode(text))
  }
  return (path, code) => code.trim() !== '' && (texts.get(path) ?? '').includes(normaliseCode(code))
}

function pathsOf(earlier: readonly EarlierFinding[]): ReadonlySet<string> {
  return new Set(earlier.map(({ path }) => path))
}

function shownText(inputs: ReviewInputs, wanted: string): string {
  return inputs.diff.files
    .filter(({ path }) => path === wanted)
    .flatMap(({ hunks }) =>
      hunks.flatMap(({ lines }) => lines.filter(({ kind }) => kind !== 'deleted').map(({ text }) => text)),
    )
    .join('\n')
}
