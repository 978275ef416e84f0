import { printable } from '../../ports/printable.ts'

const COLOURS: Readonly<Record<string, number>> = { debug: 90, info: 36, warn: 33, error: 31 }
const WIDEST_VALUE = 120

/** One JSON line of pino as a person reads it: `10:04:05 warn   Sentence.  fact=value`. */
export function renderLogLine(line: string, colour: boolean): string {
  const { time, level, msg, ...facts } = JSON.parse(line) as Record<string, unknown>
  const clock = String(time).slice(11, 19)
  const word = String(level).padEnd(5)
  const tail = Object.entries(facts)
    .map(([name, value]) => `${name}=${shorten(value)}`)
    .join(' ')
  const paint = (code: number | undefined, text: string) =>
    colour && code !== undefined ? `\u001b[${code}m${text}\u001b[0m` : text
  return `${paint(90, clock)} ${paint(COLOURS[String(level)], word)} ${printable(String(msg), false)}${tail === '' ? '' : `  ${paint(90, printable(tail, false))}`}\n`
}

function shorten(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(messageOf(value))
  return text.length > WIDEST_VALUE ? `${text.slice(0, WIDEST_VALUE)}…` : text
}

/** A stack is for the JSON log; a person gets the sentence. */
function messageOf(value: unknown): unknown {
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value) return value.message
  return value
}
