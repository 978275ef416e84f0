/**
 * Makes `rest.json` and `webhooks.json` from GitHub's own documents, keeping only what the sandbox answers and sends.
 * Run by hand when either list of names grows:
 *
 *   node sandbox/github/contracts/prune.ts <@octokit/openapi>/generated/api.github.com.json \
 *     <@octokit/openapi-webhooks>/generated/api.github.com.json
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { amendDocument } from './amend-document.ts'
import { at, isObject, type JsonObject } from './json.ts'
import { operationNames } from './operation-names.ts'
import { rewriteSchema } from './rewrite-schema.ts'
import { shareRepeats } from './share-repeats.ts'
import { webhookNames } from './webhook-names.ts'

const [restPath, webhooksPath] = process.argv.slice(2)
if (restPath === undefined || webhooksPath === undefined) {
  console.error('usage: prune.ts <openapi api.github.com.json> <openapi-webhooks api.github.com.json>')
  process.exit(2)
}
write('rest.json', pruneRest(JSON.parse(readFileSync(restPath, 'utf8'))))
write('webhooks.json', shareRepeats(pruneWebhooks(JSON.parse(readFileSync(webhooksPath, 'utf8')))))

function write(name: string, pruned: JsonObject): void {
  const text = JSON.stringify(pruned)
  writeFileSync(new URL(name, import.meta.url), `${text}\n`)
  console.log(`${name}: ${Math.round(text.length / 1024)} KB`)
}

function pruneRest(document: unknown): JsonObject {
  const operations = Object.fromEntries(
    operationNames.map((name) => {
      const [method = '', path = ''] = name.split(' ')
      const operation = at(document, 'paths', path, method.toLowerCase())
      if (!isObject(operation)) throw new Error(`${name} is not in the document; correct operation-names.ts.`)
      return [name, pruneOperation(document, operation)]
    }),
  )
  const pruned = { operations, schemas: reachable(document, operations) }
  amendDocument(pruned)
  return pruned
}

function pruneOperation(document: unknown, operation: JsonObject): JsonObject {
  const parameters = list(operation.parameters).map((parameter) => deref(document, parameter))
  const query = parameters.filter((parameter) => at(parameter, 'in') === 'query')
  const body = deref(document, operation.requestBody)
  const schema = at(body, 'content', 'application/json', 'schema')
  const responses = Object.entries(isObject(operation.responses) ? operation.responses : {}).map(
    ([status, response]) => {
      const content = at(deref(document, response), 'content')
      return [status, rewriteSchema(at(content, 'application/json', 'schema') ?? null)]
    },
  )
  return {
    query: Object.fromEntries(
      query.map((parameter) => [at(parameter, 'name'), rewriteSchema(at(parameter, 'schema'))]),
    ),
    ...(schema === undefined ? {} : { body: rewriteSchema(schema), bodyRequired: at(body, 'required') === true }),
    responses: Object.fromEntries(responses),
  }
}

function pruneWebhooks(document: unknown): JsonObject {
  const webhooks = Object.fromEntries(
    webhookNames.map((name) => {
      const content = at(document, 'webhooks', name, 'post', 'requestBody', 'content', 'application/json', 'schema')
      if (content === undefined) throw new Error(`${name} is not in the document; correct webhook-names.ts.`)
      return [name, rewriteSchema(content)]
    }),
  )
  return { webhooks, schemas: reachable(document, webhooks) }
}

/** The components that are referred to from `roots`, directly or through one another. */
function reachable(document: unknown, roots: unknown): JsonObject {
  const found: JsonObject = {}
  const waiting = [...references(roots)]
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (name in found) continue
    const schema = rewriteSchema(at(document, 'components', 'schemas', name))
    found[name] = schema
    waiting.push(...references(schema))
  }
  return found
}

function references(value: unknown): Set<string> {
  return new Set([...JSON.stringify(value).matchAll(/"#\/schemas\/([^"]+)"/g)].map((match) => match[1] ?? ''))
}

function deref(document: unknown, value: unknown): unknown {
  const reference = at(value, '$ref')
  return typeof reference === 'string' ? at(document, ...reference.slice(2).split('/')) : value
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
