/**
 * The lines of a byte stream that hold more than white space, whatever the chunk borders: inside a character, inside a line, two lines in
 * one chunk, a last line without a line feed. Throws `RangeError` when one grows past `maxChars`.
 */
export async function* readLines(
  chunks: AsyncIterable<Uint8Array>,
  maxChars: number = Number.POSITIVE_INFINITY,
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let pending = ''
  for await (const chunk of chunks) {
    pending += decoder.decode(chunk, { stream: true })
    const lines = pending.split('\n')
    pending = lines.pop() ?? ''
    for (const line of lines) if (line.trim() !== '') yield line
    if (pending.length > maxChars) throw new RangeError(`A line is longer than ${maxChars} characters.`)
  }
  pending += decoder.decode()
  if (pending.trim() !== '') yield pending
}
