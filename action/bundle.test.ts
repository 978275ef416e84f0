import { readFileSync, statSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const DIST = join(import.meta.dirname, 'dist')
const MOST_BYTES = 1_500_000
const STATIC_IMPORT = /\bimport\s*(?:[\w*${}\s,]+?from\s*)?["'`]([.\w/:@-]+)["'`]/g

/** A file with everything it needs before its first line runs. */
function closureOf(entry: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(entry)) return seen
  seen.add(entry)
  if (!entry.startsWith('./')) return seen
  for (const [, name = ''] of readFileSync(join(DIST, entry), 'utf8').matchAll(STATIC_IMPORT)) closureOf(name, seen)
  return seen
}

it.each(['./main.js', './post.js', './gateway.js'])(
  '%s loads at most 1.5 MB before it starts, and nothing that is not there',
  (entry) => {
    const needed = [...closureOf(entry)]
    const bytes = needed
      .filter((name) => name.startsWith('./'))
      .reduce((sum, name) => sum + statSync(join(DIST, name)).size, 0)
    expect(bytes).toBeLessThan(MOST_BYTES)
    const foreign = needed.filter(
      (name) => !name.startsWith('./') && !name.startsWith('node:') && !builtinModules.includes(name),
    )
    expect(foreign).toEqual([])
  },
)
