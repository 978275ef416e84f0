/** How one protocol says things on the wire: what a client that waits may be sent, and how it is told of a failure. */
export interface Wire {
  readonly contentType: string
  /** Bytes that a client of this protocol reads over while it waits for the first answer. */
  readonly keepAlive: string
  /** The body of a refusal. */
  error(message: string, code: string): string
  /** The last thing said when the status has already left as 200. */
  lateError(message: string, code: string): string
}

const ollamaError = (message: string) => JSON.stringify({ error: message })

/** Ollama, `stream: true`: JSON lines. Spaces before an object are no line of their own, so every client skips them. */
export const ollamaLines: Wire = {
  contentType: 'application/x-ndjson',
  keepAlive: ' ',
  error: ollamaError,
  lateError: (message) => `${ollamaError(message)}\n`,
}

/** Ollama, `stream: false`: one JSON object, before which white space may stand. */
export const ollamaObject: Wire = {
  contentType: 'application/json; charset=utf-8',
  keepAlive: ' ',
  error: ollamaError,
  lateError: ollamaError,
}

const openAiError = (message: string, code: string) =>
  JSON.stringify({
    error: { message, type: code === 'not-found' ? 'not_found_error' : 'invalid_request_error', param: null, code },
  })

/** OpenAI, streaming: server-sent events; a line that starts with a colon is a comment. */
export const openAiEvents: Wire = {
  contentType: 'text/event-stream',
  keepAlive: ': waiting for an engine\n\n',
  error: openAiError,
  lateError: (message, code) => `data: ${openAiError(message, code)}\n\n`,
}

export const openAiObject: Wire = {
  contentType: 'application/json; charset=utf-8',
  keepAlive: ' ',
  error: openAiError,
  lateError: openAiError,
}
