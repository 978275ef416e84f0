/** How GraphQL refuses: 200, with the reason inside. */
export function failure(type: string, message: string) {
  return { data: null, errors: [{ type, message, locations: [{ line: 1, column: 1 }] }] }
}
