import { z } from 'zod'
import { ENVIRONMENT_VARIABLES } from '../config/environment-variables.ts'
import { POLICY_PATH, policySchema } from '../config/policy-schema.ts'

/** The parts of a JSON Schema that the reference shows. */
const nodeSchema = z.looseObject({
  type: z.string().optional(),
  const: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  get properties() {
    return z.record(z.string(), nodeSchema).optional()
  },
  get items() {
    return nodeSchema.optional()
  },
  get anyOf() {
    return z.array(nodeSchema).optional()
  },
})
type Node = z.infer<typeof nodeSchema>

const NEEDS = { app: 'the GitHub App', runpod: 'renting', optional: '' } as const

/** docs/configuration.md: every key of devloop.yml and every variable of the environment, from the schemas that parse them. */
export function renderConfigurationReference(): string {
  const root = nodeSchema.parse(z.toJSONSchema(policySchema, { io: 'input' }))
  const sections = Object.entries(root.properties ?? {}).flatMap(([name, node]) =>
    node.properties ? [renderSection(name, node)] : [],
  )
  return `# Configuration

<!-- Written by \`node scripts/references.ts\` from config/; edit the schema, not this page. -->

Two places: \`${POLICY_PATH}\` says what holds for a repository, the environment says what a server or a terminal needs to run.

## ${POLICY_PATH}

Read from the **base** branch, never from the head of a pull request. Everything has a default, so an empty file is valid. A key that is not
listed here is an error, with line, column and the nearest known key; the last good file stays in force meanwhile. Without a file every
rule is at \`log\` and nothing blocks.

For completion and checking in an editor, put this in the first line of the file:

\`\`\`yaml
# yaml-language-server: $schema=https://raw.githubusercontent.com/devloop/devloop/main/config/devloop.schema.json
\`\`\`

A server has limits of its own: it reads \`devloop.yml\` in \`DEVLOOP_DATA\`, else \`${POLICY_PATH}\` of the folder it is started in. A
repository can ask for less than the server's \`fleet\` and \`budget\` allow, never for more.

| key | values | default | means |
|---|---|---|---|
${rowsOf('version', root.properties?.version ?? {})}

${sections.join('\n\n')}

## Environment

A \`.env\` file in the folder of the process is read too; what stands in the environment wins. No secret has a default, and none is ever
written to a log. \`devloop doctor\` says which are set.

| variable | needed for | secret | means |
|---|---|---|---|
${ENVIRONMENT_VARIABLES.map(({ name, need, secret, says }) => `| \`${name}\` | ${NEEDS[need]} | ${secret ? 'yes' : ''} | ${cell(says)} |`).join('\n')}
`
}

function renderSection(name: string, node: Node): string {
  const rows = Object.entries(node.properties ?? {}).map(([key, child]) => rowsOf(`${name}.${key}`, child))
  return `### ${name}\n\n${node.description ?? ''}\n\n| key | values | default | means |\n|---|---|---|---|\n${rows.join('\n')}`
}

function rowsOf(path: string, node: Node): string {
  if (node.properties)
    return Object.entries(node.properties)
      .map(([key, child]) => rowsOf(`${path}.${key}`, child))
      .join('\n')
  const fallback = node.default === undefined ? '' : `\`${cell(JSON.stringify(node.default))}\``
  return `| \`${path}\` | ${cell(describeValues(node))} | ${fallback} | ${cell(node.description ?? '')} |`
}

function describeValues(node: Node): string {
  if (node.const !== undefined) return `\`${String(node.const)}\``
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ')
  if (node.anyOf) return node.anyOf.map(describeValues).join(' or ')
  if (node.type === 'array') return `list of ${describeItem(node.items ?? {})}`
  if (node.type === 'null') return '`null`'
  const range = [node.minimum, node.maximum].filter((bound) => bound !== undefined)
  const words = node.type === 'string' ? 'text' : node.type === 'boolean' ? '`true`, `false`' : (node.type ?? 'any')
  return range.length === 2 && node.type !== 'string' ? `${words} ${range[0]}–${range[1]}` : words
}

function describeItem(node: Node): string {
  if (!node.properties) return describeValues(node)
  return `{${Object.keys(node.properties).join(', ')}}`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}
