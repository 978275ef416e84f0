/** GitHub's opaque GraphQL id: a prefix for the kind, then what it stands for. */
export function nodeId(prefix: string, id: number | string): string {
  return `${prefix}_${Buffer.from(`${prefix}:${id}`).toString('base64url')}`
}

/** The number a node id of this kind stands for, or undefined for any other id. */
export function parseNodeId(prefix: string, id: string): number | undefined {
  if (!id.startsWith(`${prefix}_`)) return undefined
  const [kind, number] = Buffer.from(id.slice(prefix.length + 1), 'base64url')
    .toString('utf8')
    .split(':')
  return kind === prefix && number !== undefined && /^\d+$/.test(number) ? Number(number) : undefined
}
