import { cpus, platform, release, totalmem } from 'node:os'

/** What figures were taken on, for the head of a table. */
export function thisMachine(): string {
  const [cpu] = cpus()
  const memoryGb = Math.round(totalmem() / 1024 ** 3)
  return `${cpus().length} × ${cpu?.model.trim()}, ${memoryGb} GB, ${platform()} ${release()}, Node ${process.versions.node}`
}
