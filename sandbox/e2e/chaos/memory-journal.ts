import type { JournalLine, MoneyJournal } from '../../../ports/store.ts'

/** A journal that outlives the simulated processes, as the file on disk does. */
export class MemoryJournal implements MoneyJournal {
  readonly lines: JournalLine[] = []

  async append(line: JournalLine): Promise<void> {
    this.lines.push(line)
  }

  async readAll(): Promise<readonly JournalLine[]> {
    return this.lines
  }
}
