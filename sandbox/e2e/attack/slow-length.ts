const LENGTHS = [500, 4_000]
const LIMIT_MS = 2_000

/** The length of repeated `piece` that takes seconds of processor time, which a busy machine does not change; null when none does. */
export async function slowLengthOf(read: (text: string) => Promise<void>, piece: string): Promise<number | null> {
  for (const length of LENGTHS) {
    const before = process.cpuUsage()
    await read(piece.repeat(Math.ceil(length / piece.length)))
    const { user } = process.cpuUsage(before)
    if (user / 1_000 > LIMIT_MS) return length
  }
  return null
}
