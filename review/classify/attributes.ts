import picomatch from 'picomatch'

/** A `.gitattributes` file and the folder it lies in (empty for the root). */
export interface AttributesFile {
  readonly folder: string
  readonly text: string
}

export interface PathAttributes {
  readonly isGenerated: boolean | null
  readonly isVendored: boolean | null
  readonly isBinary: boolean | null
}

interface Rule {
  readonly matches: (path: string) => boolean
  readonly values: ReadonlyMap<string, boolean | null>
}

/** What `linguist-generated`, `linguist-vendored` and `binary` say about a path; null where nothing does. */
export function readAttributes(files: readonly AttributesFile[]): (path: string) => PathAttributes {
  // Deeper folders win over shallower ones, later lines over earlier ones.
  const rules = [...files].sort((left, right) => left.folder.length - right.folder.length).flatMap(rulesOf)
  return (path) => {
    const values = new Map<string, boolean | null>()
    for (const rule of rules) {
      if (!rule.matches(path)) continue
      for (const [name, value] of rule.values) values.set(name, value)
    }
    return {
      isGenerated: values.get('linguist-generated') ?? null,
      isVendored: values.get('linguist-vendored') ?? null,
      isBinary: values.get('binary') ?? null,
    }
  }
}

function rulesOf({ folder, text }: AttributesFile): Rule[] {
  const inside = folder === '' ? '' : `${folder.replace(/\/$/, '')}/`
  return text.split(/\r?\n/).flatMap((line): Rule[] => {
    const [, quoted, bare, rest = ''] = /^\s*(?:"((?:[^"\\]|\\.)*)"|([^\s#"][^\s]*))(.*)$/.exec(line) ?? []
    const pattern = quoted?.replace(/\\(.)/g, '$1') ?? bare
    if (pattern === undefined || pattern.startsWith('[attr]')) return []
    const isMatch = matcherOf(pattern)
    const matches = (path: string) => path.startsWith(inside) && isMatch(path.slice(inside.length))
    return [{ matches, values: valuesOf(rest) }]
  })
}

/** As in `.gitignore`: without a slash the pattern is about the name, with one about the path from this folder. */
function matcherOf(pattern: string): (path: string) => boolean {
  const isPath = pattern.replace(/\/$/, '').includes('/')
  const glob = pattern.replace(/^\//, '')
  const isMatch = picomatch(isPath ? glob : `**/${glob}`, { dot: true, nonegate: true })
  return (path) => isMatch(path)
}

function valuesOf(rest: string): Map<string, boolean | null> {
  const values = new Map<string, boolean | null>()
  for (const word of rest.split(/\s+/)) {
    const [, sign, name, value] = /^([-!]?)([\w.-]+)(?:=(.*))?$/.exec(word) ?? []
    if (name === undefined) continue
    if (sign === '!') values.set(name, null)
    else values.set(name, sign !== '-' && value !== 'false' && value !== '0')
  }
  return values
}
