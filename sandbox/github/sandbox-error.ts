export type SandboxErrorCode = 'git-failed' | 'not-found' | 'misused' | 'violated'

/** What went wrong inside the sandbox itself, as opposed to what it answers over HTTP. */
export class SandboxError extends Error {
  readonly code: SandboxErrorCode
  constructor(code: SandboxErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SandboxError'
    this.code = code
  }
}
