import { at, isObject, type JsonObject } from './json.ts'

/**
 * Corrects the pruned REST document where GitHub itself departs from it. Each entry was seen in real answers; without
 * it the judge would refuse what clients must cope with.
 */
export function amendDocument(document: JsonObject): void {
  // The list wants an account that is a user and an enterprise at once; the single form says either.
  const list = at(document, 'operations', 'GET /app/installations', 'responses', '200')
  if (isObject(list)) list.items = { $ref: '#/schemas/installation' }
  // A label without description has null there, in short pull requests too.
  allowNull(document, ['pull-request-simple', 'properties', 'labels', 'items', 'properties', 'description'])
  // An outdated comment stands nowhere on the head.
  for (const schema of ['pull-request-review-comment', 'review-comment']) {
    for (const field of ['line', 'position']) allowNull(document, [schema, 'properties', field])
  }
  // The head repository of a pull request is null once its fork is deleted.
  for (const schema of ['pull-request', 'pull-request-simple']) {
    allowNull(document, [schema, 'properties', 'head', 'properties', 'repo'])
  }
}

function allowNull(document: JsonObject, path: readonly string[]): void {
  const parent = at(document, 'schemas', ...path.slice(0, -1))
  const name = path.at(-1)
  if (!isObject(parent) || name === undefined || !(name in parent))
    throw new Error(`${path.join('.')} is not in the document.`)
  parent[name] = { anyOf: [{ type: 'null' }, parent[name]] }
}
