import { execFile } from 'node:child_process'

export interface GpuUse {
  readonly name: string
  readonly utilPercent: number
  readonly memoryUsedBytes: number
  readonly memoryTotalBytes: number
}

const query = ['--query-gpu=name,utilization.gpu,memory.used,memory.total', '--format=csv,noheader,nounits']

/** What the first GPU is doing; null where there is none or it cannot be asked. */
export function readGpu(): Promise<GpuUse | null> {
  return new Promise((resolve) => {
    execFile('nvidia-smi', query, { timeout: 5_000 }, (error, output) => {
      resolve(error === null ? parseGpu(output) : null)
    })
  })
}

/** Reads one line of `nvidia-smi`; memory stands there in MiB. */
export function parseGpu(output: string): GpuUse | null {
  const [name = '', ...numbers] = (output.split('\n')[0] ?? '').split(',').map((field) => field.trim())
  const [utilPercent, usedMib, totalMib] = numbers.map(Number)
  if (name === '' || utilPercent === undefined || usedMib === undefined || totalMib === undefined) return null
  if ([utilPercent, usedMib, totalMib].some(Number.isNaN)) return null
  return { name, utilPercent, memoryUsedBytes: usedMib * 2 ** 20, memoryTotalBytes: totalMib * 2 ** 20 }
}
