import { randomBytes } from 'node:crypto'
import { appendFileSync } from 'node:fs'
import type { ActionWorld } from './world.ts'

export interface Annotation {
  readonly title?: string
  readonly path?: string
  readonly line?: number
}

export type OutputName = 'conclusion' | 'outcome' | 'report' | 'findings' | 'response' | 'cost-usd' | 'pod-name'

/**
 * What a step may say to GitHub's runner: lines that begin with `::`, and files it names in the environment. The toolkit does the same
 * and carries an HTTP client of 400 KB with it.
 */
export interface RunnerCommands {
  /** From then on the log shows `***` in its place. */
  mask(secret: string): void
  annotate(level: 'error' | 'warning' | 'notice', message: string, place?: Annotation): void
  setOutput(name: OutputName, value: string): void
  /** For following steps. */
  exportVariable(name: string, value: string): void
  /** For our own `post`, as `STATE_<name>`. */
  saveState(name: string, value: string): void
  addSummary(markdown: string): void
}

export function createRunnerCommands({ env, stdout }: Pick<ActionWorld, 'env' | 'stdout'>): RunnerCommands {
  const put = (variable: string, name: string, value: string) => append(env[variable], fileEntry(name, value))
  return {
    mask(secret) {
      // The runner masks line by line.
      for (const line of secret.split('\n')) if (line.trim() !== '') stdout(`::add-mask::${escapeMessage(line)}\n`)
    },
    annotate(level, message, place = {}) {
      const facts = { file: place.path, line: place.line, title: place.title }
      const properties = Object.entries(facts).flatMap(([name, value]) =>
        value === undefined ? [] : [`${name}=${escapeProperty(String(value))}`],
      )
      stdout(`::${level}${properties.length === 0 ? '' : ` ${properties.join(',')}`}::${escapeMessage(message)}\n`)
    },
    setOutput: (name, value) => put('GITHUB_OUTPUT', name, value),
    exportVariable: (name, value) => put('GITHUB_ENV', name, value),
    saveState: (name, value) => put('GITHUB_STATE', name, value),
    addSummary: (markdown) => append(env.GITHUB_STEP_SUMMARY, `${markdown.trimEnd()}\n\n`),
  }
}

/** A delimiter that the value cannot guess, so that a model's answer cannot add outputs of its own. */
function fileEntry(name: string, value: string): string {
  const delimiter = `devloop_${randomBytes(16).toString('hex')}`
  return `${name}<<${delimiter}\n${value}\n${delimiter}\n`
}

function append(path: string | undefined, text: string): void {
  if (path !== undefined && path !== '') appendFileSync(path, text)
}

function escapeMessage(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapeProperty(text: string): string {
  return escapeMessage(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}
