/** More than this many in one statement save nothing any more. */
const MOST = 200

interface Waiting<Item, Answer> {
  readonly item: Item
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: unknown) => void
}

/**
 * Gathers what is asked for while one statement is under way into the next, so that many small changes cost few statements. Each asker
 * hears only when the statement that carried its own change is committed. When a statement with several fails, each is tried alone:
 * one that cannot be carried out must not take the others with it.
 */
export function createGatherer<Item, Answer>(
  carryOut: (items: readonly Item[]) => Promise<readonly Answer[]>,
  keyOf: (item: Item) => string,
): (item: Item) => Promise<Answer> {
  let waiting: Waiting<Item, Answer>[] = []
  let isRunning = false

  async function run(): Promise<void> {
    isRunning = true
    // Whatever is asked for within the same turn of the event loop goes out together.
    await Promise.resolve()
    while (waiting.length > 0) {
      const [now, later] = distinct(waiting, keyOf)
      waiting = later
      await settle(now)
    }
    isRunning = false
  }

  async function settle(gathered: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await carryOut(gathered.map(({ item }) => item))
      for (const [index, { resolve }] of gathered.entries()) resolve(answers[index] as Answer)
    } catch (error) {
      const [only] = gathered
      if (gathered.length === 1) only?.reject(error)
      else await Promise.all(gathered.map((each) => settle([each])))
    }
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      if (!isRunning) void run()
    })
}

/** The first of each key, and the rest for later: of two changes to one row in one statement only one would count. */
function distinct<Item, Answer>(waiting: readonly Waiting<Item, Answer>[], keyOf: (item: Item) => string) {
  const seen = new Set<string>()
  const now: Waiting<Item, Answer>[] = []
  const later: Waiting<Item, Answer>[] = []
  for (const each of waiting) {
    const key = keyOf(each.item)
    const fits = now.length < MOST && !seen.has(key)
    seen.add(key)
    ;(fits ? now : later).push(each)
  }
  return [now, later] as const
}
