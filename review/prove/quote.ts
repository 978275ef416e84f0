/**
 * A line as quotes are compared: without indentation, trailing blanks and line ends, with runs of blanks as one. Everything else
 * counts: case, quotes, commas.
 */
export function normaliseLine(line: string): string {
  return line.replace(/\s+/gu, ' ').trim()
}

/**
 * Ways to read a quote, the most literal first: as it is; without the code fence or backticks around it; without the line numbers
 * and markers that stand before code in a prompt. Blank lines do not count.
 */
export function readingsOf(quote: string): string[][] {
  const plain = linesOf(quote)
  const bare = linesOf(quote.replace(/^\s*(?:```[^\n]*\n|`)|(?:\n```|`)\s*$/gu, ''))
  const unmarked = bare.map((line) => normaliseLine(line.replace(/^\d*[+\- ]/u, '')))
  const readings = [plain, bare, unmarked.filter((line) => line !== '')]
  return readings.filter((reading, index) => {
    if (reading.length === 0) return false
    return !readings.slice(0, index).some((other) => other.join('\n') === reading.join('\n'))
  })
}

function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(normaliseLine)
    .filter((line) => line !== '')
}
