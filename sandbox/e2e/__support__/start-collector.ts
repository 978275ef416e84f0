import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { z } from 'zod'

const valueShape = z
  .object({
    stringValue: z.string(),
    intValue: z.union([z.string(), z.number()]),
    arrayValue: z.object({ values: z.array(z.object({ stringValue: z.string() })) }),
  })
  .partial()
const spanShape = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  kind: z.number(),
  status: z.object({ code: z.number().optional() }),
  attributes: z.array(z.object({ key: z.string(), value: valueShape })),
})
export type ExportedSpan = z.infer<typeof spanShape>
const bodyShape = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(spanShape) })) })),
})

/** A collector of OTLP over HTTP that keeps the spans it is sent. */
export async function startCollector() {
  const spans: ExportedSpan[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(Buffer.from(chunk))
    const body = bodyShape.parse(JSON.parse(Buffer.concat(chunks).toString('utf8')))
    spans.push(...body.resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)))
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    async stop() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** A span's attributes by name: texts, numbers, and lists of texts. */
export function attributesOf({ attributes }: ExportedSpan): ReadonlyMap<string, string | number | readonly string[]> {
  return new Map(
    attributes.map(({ key, value: { stringValue, intValue, arrayValue } }) => [
      key,
      stringValue ?? arrayValue?.values.map((one) => one.stringValue) ?? Number(intValue),
    ]),
  )
}
