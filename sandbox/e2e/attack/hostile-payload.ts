import { createRequire } from 'node:module'
import fc from 'fast-check'
import { HOSTILE_PIECES, hostileJson } from './hostile-text.ts'

const examples = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly {
  readonly name: string
  readonly examples: readonly object[]
}[]

const seeds = examples.flatMap(({ name, examples: all }) =>
  all.slice(0, 2).map((example) => ({ event: name, text: JSON.stringify(example) })),
)

export interface HostilePayload {
  readonly event: string
  readonly payload: unknown
}

const junk = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, [], {}, -1, Number.MAX_VALUE, true, ...HOSTILE_PIECES),
  hostileJson.map((text): unknown => JSON.parse(text)),
)

/** GitHub's own examples with values replaced at places that `picks` choose, or JSON of another kind altogether. */
export const hostilePayload: fc.Arbitrary<HostilePayload> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc
      .record({
        seed: fc.constantFrom(...seeds),
        hits: fc.array(fc.record({ steps: fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }), value: junk }), {
          maxLength: 4,
        }),
      })
      .map(({ seed, hits }) => {
        const payload: unknown = JSON.parse(seed.text)
        for (const { steps, value } of hits) replaceAt(payload, steps, value)
        return { event: seed.event, payload }
      }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      event: fc.constantFrom('pull_request', 'push', 'issue_comment', '__proto__'),
      payload: junk,
    }),
  },
)

function replaceAt(payload: unknown, steps: readonly number[], value: unknown): void {
  let at = payload
  for (const [depth, step] of steps.entries()) {
    if (typeof at !== 'object' || at === null) return
    const keys = Object.keys(at)
    const key = keys[step % Math.max(1, keys.length)]
    if (key === undefined) return
    const holder = at as Record<string, unknown>
    if (depth === steps.length - 1) holder[key] = value
    at = holder[key]
  }
}
