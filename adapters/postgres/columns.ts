/** `headSha` → `head_sha`. */
export function toColumn(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function toField(column: string): string {
  return column.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

/** A row as it came, with the field names of the ports. Columns and fields differ in spelling only; that is kept by the contract suite. */
export function toRecord<Record extends object>(row: object): Record {
  return Object.fromEntries(Object.entries(row).map(([column, value]) => [toField(column), value])) as Record
}

/** A value of a `json` column; SQL's own null is kept for null. */
export function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

/** Objects and lists become JSON texts: there are no composite columns. */
function toParameter(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : value
}

/** `(a, b) VALUES ($1, $2)` for a record. */
export function insertion(record: object): { readonly text: string; readonly values: readonly unknown[] } {
  const fields = Object.entries(record)
  const columns = fields.map(([field]) => toColumn(field)).join(', ')
  const places = fields.map((_, index) => `$${index + 1}`).join(', ')
  return { text: `(${columns}) VALUES (${places})`, values: fields.map(([, value]) => toParameter(value)) }
}

/** `a = $3, b = $4` for what a patch sets, counting from `first`. */
export function assignment(
  patch: object,
  first: number,
): { readonly text: string; readonly values: readonly unknown[] } {
  const fields = Object.entries(patch).filter(([, value]) => value !== undefined)
  return {
    text: fields.map(([field], index) => `${toColumn(field)} = $${first + index}`).join(', '),
    values: fields.map(([, value]) => toParameter(value)),
  }
}
