import { CliError } from './error.ts'

/** The sandbox is started from its source files: the npm package holds none. In a clone every module ends in `.ts`. */
export function assertClone(moduleUrl: string = import.meta.url): void {
  if (moduleUrl.endsWith('.ts')) return
  throw new CliError({
    code: 'not-found',
    owner: 'user',
    message: 'The sandbox comes with a clone of DevLoop, not with the npm package.',
    remedy: 'Clone the repository and run `npm run demo` there, or name an Ollama: --engine http://127.0.0.1:11434.',
  })
}
