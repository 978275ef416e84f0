/** One answer of the API, before it is sent. */
export interface Reply {
  readonly status: number
  readonly contentType: string
  /** Null: no body at all. */
  readonly body: string | null
  readonly headers?: Readonly<Record<string, string>>
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  413: 'Payload Too Large',
  422: 'Unprocessable Entity',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
}

export function json(status: number, value: unknown): Reply {
  return { status, contentType: 'application/json', body: JSON.stringify(value) }
}

export const noContent: Reply = { status: 204, contentType: '', body: null }

export function problem(status: number, detail: string, errors?: readonly string[]): Reply {
  const value = { title: titles[status] ?? 'Error', status, detail, ...(errors === undefined ? {} : { errors }) }
  return { status, contentType: 'application/problem+json', body: JSON.stringify(value) }
}

/** The kind of page that a gateway in front of the API or of a pod shows. */
export function gatewayPage(status: number, text: string): Reply {
  const body = `<!DOCTYPE html>\n<html><head><title>${status}: ${text}</title></head><body><h1>${text}</h1><p>Error code ${status}</p><p>cloudflare</p></body></html>`
  return {
    status,
    contentType: 'text/html; charset=UTF-8',
    body,
    headers: { server: 'cloudflare', 'cf-ray': '0-SANDBOX' },
  }
}

/** Thrown by an operation to answer with a problem. */
export class ProblemReply extends Error {
  readonly reply: Reply

  constructor(status: number, detail: string, errors?: readonly string[]) {
    super(detail)
    this.reply = problem(status, detail, errors)
  }
}
