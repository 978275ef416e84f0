import { z } from 'zod'
import { RequestRefused } from '../problem.ts'

const textPart = z.object({ type: z.literal('text'), text: z.string() })
const imagePart = z.object({
  type: z.literal('image_url'),
  image_url: z.union([z.string(), z.object({ url: z.string() })]),
})
const toolCall = z.object({
  id: z.string().optional(),
  function: z.object({ name: z.string(), arguments: z.string() }),
})

const message = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z.union([z.string(), z.array(z.union([textPart, imagePart])), z.null()]).optional(),
  tool_calls: z.array(toolCall).optional(),
  tool_call_id: z.string().optional(),
  name: z.string().optional(),
})

/** The part of OpenAI's chat request that Ollama's own compatible route understands, and `num_ctx` comes from configuration. */
export const openAiChatRequest = z.object({
  model: z.string().min(1),
  messages: z.array(message),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  temperature: z.number().nullish(),
  top_p: z.number().nullish(),
  seed: z.number().int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  frequency_penalty: z.number().nullish(),
  presence_penalty: z.number().nullish(),
  reasoning_effort: z.enum(['none', 'minimal', 'low', 'medium', 'high', 'max']).nullish(),
  response_format: z
    .union([
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object') }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ schema: z.record(z.string(), z.unknown()) }),
      }),
    ])
    .nullish(),
  tools: z.array(z.record(z.string(), z.unknown())).nullish(),
})
export type OpenAiChatRequest = z.infer<typeof openAiChatRequest>

/** Ollama's native body for an OpenAI request: the native route is the only one that can set the window and refuse to cut. */
export function nativeChatBody(request: OpenAiChatRequest): Record<string, unknown> {
  const options = withoutNullish({
    num_predict: request.max_completion_tokens ?? request.max_tokens,
    temperature: request.temperature,
    top_p: request.top_p,
    seed: request.seed,
    stop: typeof request.stop === 'string' ? [request.stop] : request.stop,
    frequency_penalty: request.frequency_penalty,
    presence_penalty: request.presence_penalty,
  })
  return withoutNullish({
    model: request.model,
    messages: request.messages.map(nativeMessage),
    stream: request.stream ?? false,
    format: formatOf(request.response_format),
    think: thinkOf(request.reasoning_effort),
    tools: request.tools,
    options,
  })
}

function nativeMessage(source: z.infer<typeof message>): Record<string, unknown> {
  const parts =
    typeof source.content === 'string' ? [{ type: 'text' as const, text: source.content }] : (source.content ?? [])
  const images = parts.flatMap((part) => (part.type === 'image_url' ? [inlineImage(part.image_url)] : []))
  return withoutNullish({
    role: source.role === 'developer' ? 'system' : source.role,
    content: parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])).join('\n'),
    images: images.length > 0 ? images : undefined,
    tool_calls: source.tool_calls?.map((call) => ({
      function: { name: call.function.name, arguments: parseArguments(call.function.arguments) },
    })),
    tool_call_id: source.tool_call_id,
    tool_name: source.role === 'tool' ? source.name : undefined,
  })
}

/** Only data that came with the request: fetching an address for a client would let it reach our network. */
function inlineImage(image: string | { readonly url: string }): string {
  const url = typeof image === 'string' ? image : image.url
  const match = /^data:image\/[a-z+.-]+;base64,/i.exec(url)
  if (!match)
    throw new RequestRefused(
      422,
      'invalid-image',
      'An image must come inline as a data: URL.',
      'Send `data:image/png;base64,...`.',
    )
  return url.slice(match[0].length)
}

function parseArguments(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new RequestRefused(
      422,
      'invalid-arguments',
      `The arguments of a tool call are no JSON (${String(error)}).`,
      'Send them as the model gave them.',
    )
  }
}

function formatOf(format: OpenAiChatRequest['response_format']): unknown {
  if (format?.type === 'json_object') return 'json'
  return format?.type === 'json_schema' ? format.json_schema.schema : undefined
}

function thinkOf(effort: OpenAiChatRequest['reasoning_effort']): unknown {
  if (!effort) return undefined
  if (effort === 'none') return false
  return effort === 'minimal' ? 'low' : effort === 'max' ? 'high' : effort
}

function withoutNullish(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null))
}
