/** GitHub's opaque GraphQL id: a prefix for the kind, then what it stands for. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(`${prefix}:${id}`).toString('base64url')}`
}
