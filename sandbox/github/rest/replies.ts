import type { Call, Reply } from './route.ts'

export function ok(body: unknown): Reply {
  return { status: 200, body }
}

export function created(body: unknown): Reply {
  return { status: 201, body }
}

export const noContent: Reply = { status: 204 }

const defaultPerPage = 30
const maxPerPage = 100

/** One page of a list, with the `Link` header to the others. */
export function page<T>(call: Call, items: readonly T[], render: (item: T) => unknown): Reply {
  const { slice, headers } = takePage(call, items)
  return { status: 200, body: slice.map(render), headers }
}

/** Like `page`, for lists that stand inside an object with their total. */
export function countedPage<T>(
  call: Call,
  request: { items: readonly T[]; name: string; render: (item: T) => unknown },
): Reply {
  const { slice, headers } = takePage(call, request.items)
  return {
    status: 200,
    body: { total_count: request.items.length, [request.name]: slice.map(request.render) },
    headers,
  }
}

export function takePage<T>(call: Call, items: readonly T[]): { slice: T[]; headers: Record<string, string> } {
  const perPage = Math.min(maxPerPage, Math.max(1, Number(call.query('per_page')) || defaultPerPage))
  const current = Math.max(1, Number(call.query('page')) || 1)
  const last = Math.max(1, Math.ceil(items.length / perPage))
  const slice = items.slice((current - 1) * perPage, current * perPage)
  const links = [
    ...(current > 1 ? [link(call, current - 1, 'prev')] : []),
    ...(current < last ? [link(call, current + 1, 'next'), link(call, last, 'last')] : []),
    ...(current > 1 ? [link(call, 1, 'first')] : []),
  ]
  return { slice, headers: links.length === 0 ? {} : { link: links.join(', ') } }
}

function link(call: Call, page: number, relation: string): string {
  const url = new URL(call.url)
  url.searchParams.set('page', String(page))
  return `<${call.world.apiUrl}${url.pathname}${url.search}>; rel="${relation}"`
}
