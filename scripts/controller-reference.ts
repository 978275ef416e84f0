import { z } from 'zod'
import { createControllerBench } from '../app/controller/__support__/controller-bench.ts'

const shape = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  $ref: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  get properties() {
    return z.record(z.string(), shape).optional()
  },
  get items() {
    return shape.optional()
  },
  get anyOf() {
    return z.array(shape).optional()
  },
})
type Shape = z.infer<typeof shape>

const content = z.record(z.string(), z.looseObject({ schema: shape.optional() })).optional()
const documentSchema = z.looseObject({
  paths: z.record(
    z.string(),
    z.record(
      z.string(),
      z.looseObject({
        summary: z.string(),
        security: z.array(z.object({ bearer: z.array(z.string()) })),
        requestBody: z.looseObject({ content }).optional(),
        parameters: z.array(z.looseObject({ name: z.string(), in: z.string() })).optional(),
        responses: z.record(z.string(), z.looseObject({ description: z.string().optional(), content })),
      }),
    ),
  ),
  components: z.looseObject({ schemas: z.record(z.string(), shape) }),
})

/** The generated part of docs/controller.md, from the very document that `/openapi.json` answers. */
export async function renderControllerReference(): Promise<string> {
  const bench = createControllerBench({
    engines: { acquire: () => Promise.reject(new Error('nothing is asked here')) },
  })
  try {
    const reply = await bench.app.request('/openapi.json')
    const document = documentSchema.parse(await reply.json())
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        const scope = operation.security[0]?.bearer[0] ?? ''
        const statuses = Object.keys(operation.responses).sort().join(', ')
        const takes = [
          ...(operation.parameters ?? []).map(({ name, in: place }) => `${place} \`${name}\``),
          ...schemaNames(operation.requestBody?.content).map((name) => `[${name}](#${name.toLowerCase()})`),
        ]
        const gives = ['200', '202'].flatMap((status) => schemaNames(operation.responses[status]?.content))
        const answer = [...new Set(gives)].map((name) => `[${name}](#${name.toLowerCase()})`)
        return `| \`${method.toUpperCase()} ${path}\` | ${scope} | ${operation.summary} | ${takes.join(', ')} | ${answer.join(', ')} | ${statuses} |`
      }),
    )
    const shapes = Object.entries(document.components.schemas)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([name, schema]) =>
          `### ${name}\n\n| field | type | always |\n|---|---|---|\n${fieldsOf(schema, '').join('\n')}`,
      )
    return `| route | scope | does | takes | answers | statuses |\n|---|---|---|---|---|---|\n${routes.join('\n')}\n\n${shapes.join('\n\n')}`
  } finally {
    await bench.close()
  }
}

function schemaNames(media: z.infer<typeof content>): readonly string[] {
  return Object.values(media ?? {}).flatMap(({ schema }) => (schema?.$ref ? [nameOf(schema.$ref)] : []))
}

function fieldsOf(schema: Shape, prefix: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const path = `${prefix}${name}`
    const row = `| \`${path}\` | ${typeOf(field).replaceAll('|', '\\|')} | ${schema.required?.includes(name) ? 'yes' : ''} |`
    return [row, ...fieldsOf(field, `${path}.`)]
  })
}

function typeOf(field: Shape): string {
  if (field.$ref) return `[${nameOf(field.$ref)}](#${nameOf(field.$ref).toLowerCase()})`
  if (field.const !== undefined) return `\`${String(field.const)}\``
  if (field.enum) return field.enum.map((value) => `\`${String(value)}\``).join(' or ')
  if (field.anyOf) return field.anyOf.map(typeOf).join(' or ')
  if (Array.isArray(field.type)) return field.type.join(' or ')
  if (field.type === 'array') return `list of ${typeOf(field.items ?? {})}`
  return field.type ?? 'any'
}

function nameOf(reference: string): string {
  return reference.slice(reference.lastIndexOf('/') + 1)
}
