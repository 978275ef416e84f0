/** Asks for each file once, however many steps want it; a failed reading is asked for again. */
export function readOnce(read: (path: string) => Promise<string | null>): (path: string) => Promise<string | null> {
  const known = new Map<string, Promise<string | null>>()
  return (path) => {
    const asked = known.get(path) ?? read(path)
    known.set(path, asked)
    asked.catch(() => known.delete(path))
    return asked
  }
}
