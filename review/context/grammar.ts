import type { SgNode } from '@ast-grep/napi'

/** Parses code of one language; null when the parser gave up. */
export type Parse = (text: string) => SgNode | null

/** Which parser reads a file name; null where we have none. */
export type Grammar = (path: string) => Parse | null

const languages: readonly (readonly [pattern: RegExp, language: string])[] = [
  [/\.[cm]?ts$/i, 'TypeScript'],
  [/\.tsx$/i, 'Tsx'],
  [/\.(?:[cm]?js|jsx)$/i, 'JavaScript'],
  [/\.pyi?$/i, 'python'],
  [/\.go$/i, 'go'],
]

let loading: Promise<Grammar> | undefined

/** Loads the native parsers once; where they are missing (a bundle, another platform) no file has a parser. */
export function loadGrammar(): Promise<Grammar> {
  loading ??= load()
  return loading
}

async function load(): Promise<Grammar> {
  const native = await import('@ast-grep/napi').catch(() => null)
  if (native === null) return () => null
  const [python, go] = await Promise.all([
    import('@ast-grep/lang-python').catch(() => null),
    import('@ast-grep/lang-go').catch(() => null),
  ])
  const registrations = Object.entries({ python: python?.default, go: go?.default }).flatMap(([name, language]) =>
    language !== undefined && hasLibrary(language) ? [[name, language] as const] : [],
  )
  // Languages can be registered once per process, so all of them together.
  native.registerDynamicLanguage(Object.fromEntries(registrations))
  const known = new Set(['TypeScript', 'Tsx', 'JavaScript', ...registrations.map(([name]) => name)])
  return (path) => {
    const language = languages.find(([pattern]) => pattern.test(path))?.[1]
    if (language === undefined || !known.has(language)) return null
    return (text) => {
      try {
        return native.parse(language, text).root()
      } catch {
        return null
      }
    }
  }
}

/** Without a prebuilt parser for this platform, looking for its path throws: the language is read by its indentation then. */
function hasLibrary(language: { readonly libraryPath: string }): boolean {
  try {
    return language.libraryPath !== ''
  } catch {
    return false
  }
}
