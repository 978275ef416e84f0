export interface Links {
  readonly hasNext: boolean
  /** Absent where GitHub pages by cursor. */
  readonly lastPage: number | undefined
  /** The cursor of the next page. */
  readonly nextCursor: string | undefined
}

/** Reads the Link header of a paged list. */
export function parseLinks(header: string | undefined): Links {
  const next = targetOf(header, 'next')
  const last = targetOf(header, 'last')
  const lastPage = Number(last?.searchParams.get('page') ?? Number.NaN)
  return {
    hasNext: next !== undefined,
    lastPage: Number.isInteger(lastPage) ? lastPage : undefined,
    nextCursor: next?.searchParams.get('cursor') ?? undefined,
  }
}

function targetOf(header: string | undefined, relation: string): URL | undefined {
  for (const part of (header ?? '').split(/,\s*(?=<)/)) {
    const match = /^<([^>]+)>.*;\s*rel="?([\w ]+)"?/.exec(part.trim())
    if (match?.[1] !== undefined && match[2] === relation && URL.canParse(match[1])) return new URL(match[1])
  }
  return undefined
}
