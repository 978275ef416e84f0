export type FaultKind = 'latency' | '403-primary' | '403-secondary' | '429' | '401' | '500' | '502' | 'lost-reply'

export interface Fault {
  /** Method and path with `*` for a segment: `POST /repos/{any}/...` is written with stars. */
  readonly on: string
  readonly fault: FaultKind
  /** Only the n-th matching request, counted from 1. */
  readonly nth?: number
  /** How often; endless when absent, once when `nth` is given. */
  readonly times?: number
  /** For `latency`; for the secondary limits, what `Retry-After` says; for the primary one, how far off its reset is. */
  readonly ms?: number
}

type Armed = Fault & { readonly pattern: RegExp; seen: number; left: number }

/** What goes wrong, and when. */
export class FaultPlan {
  #armed: Armed[] = []

  add(fault: Fault): void {
    const left = fault.times ?? (fault.nth === undefined ? Number.POSITIVE_INFINITY : 1)
    this.#armed.push({ ...fault, pattern: compile(fault.on), seen: 0, left })
  }

  clear(): void {
    this.#armed = []
  }

  /** The fault that hits this request, if any. */
  take(method: string, path: string): Fault | undefined {
    let hit: Armed | undefined
    for (const armed of this.#armed) {
      if (!armed.pattern.test(`${method} ${path}`)) continue
      armed.seen += 1
      const isDue = armed.nth === undefined ? true : armed.seen >= armed.nth
      if (hit === undefined && isDue && armed.left > 0) {
        armed.left -= 1
        hit = armed
      }
    }
    return hit
  }
}

function compile(on: string): RegExp {
  const [method = '*', path = '*'] = on.split(' ')
  const escaped = path
    .split('/')
    .map((segment) =>
      segment
        .split('*')
        .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
        .join('[^/]*'),
    )
    .join('/')
  return new RegExp(`^${method === '*' ? '\\w+' : method} ${path === '*' ? '.*' : escaped}$`)
}
