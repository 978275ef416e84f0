/** Load options as the API wants them: some stand beside `options`, the rest inside. */
export interface LoadFields {
  readonly options: Readonly<Record<string, unknown>>
  readonly shift: boolean
  readonly truncate: false
  readonly keep_alive: unknown
}

const beside = ['shift', 'truncate', 'think', 'keep_alive']

/** The same values for warm-up, canary and real calls: a different one makes Ollama load the model again. */
export function loadFields(given: Readonly<Record<string, unknown>>): LoadFields {
  return {
    options: Object.fromEntries(Object.entries(given).filter(([name]) => !beside.includes(name))),
    shift: given.shift === true,
    truncate: false,
    keep_alive: given.keep_alive ?? -1,
  }
}
