import type { Line } from '../lines.ts'

export interface Progress {
  begin(line: Line): void
  say(what: string): void
  end(line: Line): void
}

/** One line that is written over on a terminal, one line per step elsewhere; with the time that is left by how long the lines usually take. */
export function createProgress(
  out: { readonly isTTY?: boolean; write(text: string): unknown },
  lines: readonly Line[],
  isQuick: boolean,
): Progress {
  let done = 0
  let title = ''
  let shown = ''
  const usual = (line: Line) => (isQuick ? line.quickSeconds : line.seconds)

  function show(what: string): void {
    const text = `[${Math.min(done + 1, lines.length)}/${lines.length}] ${title}${what === '' ? '' : `: ${what}`}, ${left()}`
    if (text === shown) return
    shown = text
    out.write(out.isTTY ? `\r\u001B[2K${text}` : `${text}\n`)
  }

  function left(): string {
    const seconds = lines.slice(done).reduce((sum, line) => sum + usual(line), 0)
    return seconds >= 90 ? `about ${Math.round(seconds / 60)} min left` : `about ${seconds} s left`
  }

  return {
    begin(line) {
      title = line.title
      show('')
    },
    say: show,
    end() {
      done += 1
      if (out.isTTY) out.write('\r\u001B[2K')
    },
  }
}
