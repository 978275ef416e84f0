import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { z } from 'zod'
import { inferRequestSchema } from '../../app/controller/schemas.ts'

const workflowShape = z.object({
  nodes: z.array(z.looseObject({ name: z.string(), type: z.string(), parameters: z.record(z.string(), z.unknown()) })),
  connections: z.record(z.string(), z.object({ main: z.array(z.array(z.object({ node: z.string() }))) })),
})

it('asks for what the controller understands, with no address and no key of its own', async () => {
  const text = await readFile(join(import.meta.dirname, 'devloop.json'), 'utf8')
  const { nodes, connections } = workflowShape.parse(JSON.parse(text))
  const names = nodes.map(({ name }) => name)
  const linked = Object.entries(connections).flatMap(([from, { main }]) => [
    from,
    ...main.flat().map(({ node }) => node),
  ])
  expect(new Set(linked)).toEqual(new Set(names))
  const request = nodes.find(({ type }) => type === 'n8n-nodes-base.httpRequest')
  expect(request?.parameters).toMatchObject({ method: 'POST', url: '={{ $env.CONTROLLER_URL }}/infer' })
  const body = String(request?.parameters.jsonBody).replace(/^=\{\{ JSON\.stringify\((.*)\) \}\}$/, '$1')
  const keys = [...body.matchAll(/(\w+):/g)].map(([, key]) => key)
  expect(keys).toEqual(['prompt', 'maxCostUsd'])
  expect(Object.keys(inferRequestSchema.shape)).toEqual(expect.arrayContaining(keys))
  expect(text).not.toMatch(/dlk_|https?:\/\//)
})
