import { ModelError } from '../../ports/errors.ts'
import { readLines } from '../../ports/read-lines.ts'

const MAX_LINE_CHARS = 8 * 1024 * 1024

/** The JSON values of a stream of one object per line; an empty line is a proxy's sign of life. */
export async function* readNdjson(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  try {
    for await (const line of readLines(chunks, MAX_LINE_CHARS)) yield parseLine(line)
  } catch (error) {
    throw error instanceof RangeError ? tooLongLine() : error
  }
}

function parseLine(line: string): unknown {
  const text = line.trim()
  try {
    return JSON.parse(text)
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
