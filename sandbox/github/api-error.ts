export interface FieldError {
  readonly resource: string
  readonly code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom' | 'too_large'
  readonly field?: string
  readonly message?: string
}

/** A refusal as GitHub words it: the status, the message and, for 422, what was wrong with which field. */
export class ApiError extends Error {
  readonly status: number
  readonly errors: readonly (FieldError | string)[] | undefined

  constructor(status: number, message: string, errors?: readonly (FieldError | string)[]) {
    super(message)
    this.name = 'ApiError'
    this.status = status
    this.errors = errors
  }
}

export function notFound(): ApiError {
  return new ApiError(404, 'Not Found')
}

export function validationFailed(...errors: FieldError[]): ApiError {
  return new ApiError(422, 'Validation Failed', errors)
}

// GitHub counts characters of the text it stores in a MySQL column of this size.
export const maxBodyCharacters = 65_536

export function checkBodyLength(resource: string, body: string | null): void {
  if (body !== null && body.length > maxBodyCharacters) {
    const message = `body is too long (maximum is ${maxBodyCharacters} characters)`
    throw validationFailed({ resource, code: 'custom', field: 'body', message })
  }
}
