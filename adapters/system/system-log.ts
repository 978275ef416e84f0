import pino from 'pino'
import type { Log } from '../../ports/log.ts'
import { redact, redactText } from './redact.ts'
import { renderLogLine } from './render-log-line.ts'

export interface SystemLogOptions {
  /** `trace`, `debug`, `info`, `warn`, `error`, `silent`; anything else is taken for `info`. */
  readonly level?: string | undefined
  /** `json` for machines, `text` for a person who watches. */
  readonly format?: 'json' | 'text'
  /** Only read for `text`; pass false when `NO_COLOR` is set. */
  readonly colour?: boolean
  /** Where finished lines go; standard error when absent, so that answers on standard output stay clean. */
  readonly write?: (line: string) => void
}

/** Lines through pino. Facts and sentences are masked before they leave. */
export function createSystemLog(options: SystemLogOptions = {}): Log {
  const write = options.write ?? ((line: string) => void process.stderr.write(line))
  const { format = 'json', colour = false } = options
  const logger = pino(
    {
      level: options.level !== undefined && isLevel(options.level) ? options.level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    { write: format === 'json' ? write : (line: string) => write(renderLogLine(line, colour)) },
  )
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') => (facts: Readonly<Record<string, unknown>>, sentence: string) => {
      if (logger.isLevelEnabled(level)) logger[level](redact(facts), redactText(sentence))
    }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

function isLevel(text: string): boolean {
  return text === 'silent' || text in pino.levels.values
}
