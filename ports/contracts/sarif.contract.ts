import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import schema from './__fixtures__/sarif-2.1.0.json' with { type: 'json' }

// One pattern of the published schema is no valid regular expression in unicode mode.
const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false })
addFormats.default(ajv)
const validate = ajv.compile(schema)

/** What departs from the SARIF 2.1.0 JSON Schema of OASIS; empty for a valid log. */
export function sarifProblems(log: unknown): readonly string[] {
  if (validate(log)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`)
}
