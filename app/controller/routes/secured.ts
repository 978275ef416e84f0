import type { KeyScope } from '../../../ports/store.ts'
import { problemSchema } from '../schemas.ts'

/** What all routes behind a key share in the OpenAPI document. */
export function secured(scope: KeyScope, statuses: readonly number[]) {
  return {
    security: [{ bearer: [scope] }],
    responses: Object.fromEntries(
      statuses.map((status) => [
        status,
        { description: 'Refused', content: { 'application/problem+json': { schema: problemSchema } } },
      ]),
    ),
  }
}
