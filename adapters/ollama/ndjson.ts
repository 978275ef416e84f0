import { ModelError } from '../../ports/errors.ts'

const MAX_LINE_CHARS = 8 * 1024 * 1024

/**
 * The JSON values of a stream of one object per line, whatever the chunk borders: inside a character, inside a line, two lines in one
 * chunk, a last line without a line feed, empty lines (a proxy's sign of life).
 */
export async function* readNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  const decoder = new TextDecoder('utf-8')
  let pending = ''
  for await (const chunk of chunks) {
    pending += decoder.decode(chunk, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) yield* valuesOf(line)
    if (pending.length > MAX_LINE_CHARS) throw tooLongLine()
  }
  yield* valuesOf(pending + decoder.decode())
}

function* valuesOf(line: string): Generator<unknown> {
  const text = line.trim()
  if (text === '') return
  try {
    yield JSON.parse(text)
  } catch (cause) {
    throw new ModelError({
      code: 'unreadable',
      owner: 'retry',
      message: `A line of the model's stream is not JSON (${text.length} characters).`,
      remedy: 'Try again; if it stays, something between here and Ollama rewrites the stream.',
      cause,
    })
  }
}

function tooLongLine(): ModelError {
  return new ModelError({
    code: 'reply-too-large',
    owner: 'retry',
    message: `One line of the model's stream is longer than ${MAX_LINE_CHARS} characters.`,
    remedy: 'Try again with a smaller request.',
  })
}
