import type { Route } from './route.ts'

// Parameters that may hold slashes; those of the others never do.
const wideParameters = new Set(['path', 'ref', 'basehead', 'branch'])

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

type Compiled = { readonly route: Route; readonly method: string; readonly pattern: RegExp; readonly literals: number }

/** A function that finds the route for a request; the one with more fixed words wins. */
export function createMatcher(routes: readonly Route[]): (method: string, path: string) => Match | undefined {
  const compiled = routes.map(compile).sort((left, right) => right.literals - left.literals)
  return (method, path) => {
    for (const { route, method: wanted, pattern } of compiled) {
      if (wanted !== method) continue
      const found = pattern.exec(path)
      if (found === null) continue
      return {
        route,
        params: Object.fromEntries(Object.entries(found.groups ?? {}).map(([key, value]) => [key, decode(value)])),
      }
    }
    return undefined
  }
}

function compile(route: Route): Compiled {
  const [method = '', template = ''] = route.name.split(' ')
  const segments = template.split('/').filter((segment) => segment !== '')
  const parts = segments.map((segment) => {
    const name = /^\{(\w+)\}$/.exec(segment)?.[1]
    if (name === undefined) return segment
    if (name === 'path') return `(?<path>.*)`
    if (wideParameters.has(name)) return `(?<${name}>.+)`
    return /_(?:id|number)$/.test(name) ? `(?<${name}>\\d+)` : `(?<${name}>[^/]+)`
  })
  const pattern = new RegExp(`^/${parts.join('/').replace('/(?<path>.*)', '(?:/(?<path>.*))?')}/?$`)
  return { route, method, pattern, literals: segments.filter((segment) => !segment.startsWith('{')).length }
}

function decode(value: string | undefined): string {
  if (value === undefined) return ''
  try {
    return decodeURIComponent(value)
  } catch {
    return value
  }
}
