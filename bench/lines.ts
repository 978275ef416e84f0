/** One line of `npm run bench`: a program of its own, and the words its figures are shown with. */
export interface Line {
  readonly id: string
  readonly title: string
  /** From bench/; run as a process of its own. */
  readonly file: string
  /** For Node itself, as the product is started with. */
  readonly nodeOptions?: readonly string[]
  /** About how long it takes, for the time that is left. */
  readonly seconds: number
  readonly quickSeconds: number
  readonly needsPeers: boolean
  /** Runs the product as users get it: dist/devloop.js is bundled anew before. */
  readonly needsBundle?: boolean
  /** Plain Markdown: what is compared with what, and what the figures do not say. */
  readonly about: string
}

const LEAN_HEAP = ['--max-semi-space-size=4']

export const LINES: readonly Line[] = [
  {
    id: 'intake',
    title: 'Webhook intake',
    file: 'intake/line.ts',
    seconds: 65,
    quickSeconds: 11,
    needsPeers: true,
    about:
      "GitHub's own example payloads, signed, sent to a server in a process of its own. *DevLoop* verifies the signature, stores the " +
      'delivery in its database and answers; *Probot* verifies, hands the event to a handler that does nothing, and stores nothing. ' +
      '*DevLoop, whole server* also works every delivery off meanwhile, in the same process, beside the emulated GitHub. Throughput: 32 ' +
      'connections, each sending as soon as it is answered, in rounds that alternate. Half load: a steady stream at half of the throughput ' +
      'just measured, which does not wait for answers.',
  },
  {
    id: 'checks',
    title: 'Governance, end to end',
    file: 'checks/line.ts',
    nodeOptions: LEAN_HEAP,
    seconds: 240,
    quickSeconds: 12,
    needsPeers: true,
    about:
      'A pull request in the emulated GitHub gets an event; the clock stops when the check run is concluded. *Danger JS* runs ' +
      '`danger ci` on the same pull request, with a dangerfile that holds the rules it can express (branch name and target, one active ' +
      'plan, plan in file name and title, frozen archive, cited task, scope, approval, green checks), and posts its comment and status. ' +
      'DevLoop is a server that runs already, Danger a process that starts for every event: this is how each is used. *Danger, empty ' +
      'dangerfile* shows how much of its time is not the rules. GitHub calls are counted by the emulated GitHub; ' +
      'those answered with 304 (nothing changed) GitHub itself does not count towards its limit, and Danger makes none of them. ' +
      '*A repository nobody has seen* is told all at once: its branches, an opened pull request, its status and its approval. Each size has ' +
      'an installation of its own, and after many pull requests were opened a minute passes before all are pushed to.',
  },
  {
    id: 'parsing',
    title: 'Parsing diffs and plans',
    file: 'parsing/line.ts',
    seconds: 30,
    quickSeconds: 4,
    needsPeers: true,
    about:
      'Megabytes per second over the same text in one process, sampled by tinybench: the middle of rounds that alternate. DevLoop cuts the lines of a hunk when ' +
      'they are first read; *every line cut* reads them all at once, as the peers do. A plan is parsed by mdast, and DevLoop reads phases, ' +
      'tasks and scopes from the tree: *bare mdast* is the tree alone, so below 1 is what the reading costs.',
  },
  {
    id: 'orchestration',
    title: 'Review orchestration',
    file: 'orchestration/line.ts',
    seconds: 12,
    quickSeconds: 3,
    needsPeers: false,
    about:
      'The same changes by three ways of asking the same stand-in model, in virtual time: an engine with four slots, each of which reads 2,000 ' +
      'tokens and writes 60 a second, as a 30b model with 3b at work does on a 4090. *One call at a time* is the same review with one ' +
      'slot. *File by file* reviews each file for itself, one after the other, as reviewers that work through a list do. *Slots in use* ' +
      'is the share of the four slots, from the first call to the end. File by file finds more because the cap on findings holds per review.',
  },
  {
    id: 'gateway',
    title: 'Gateway',
    file: 'gateway/line.ts',
    seconds: 60,
    quickSeconds: 7,
    needsPeers: false,
    about:
      'What the gateway adds to a call, against the bare engine (a stub that answers at once) and against a bare hono proxy. The ' +
      'gateway works over its embedded database. And what `/status` costs with many jobs stored.',
  },
  {
    id: 'cold-start',
    needsBundle: true,
    title: 'Cold start of the command',
    file: 'cold-start/line.ts',
    seconds: 40,
    quickSeconds: 9,
    needsPeers: true,
    about:
      'From starting the process to its exit, in rounds that alternate. `devloop check --staged` judges what is about to be committed by ' +
      'every rule that can be seen locally, in a repository of 5,000 files with a plan; `commitlint` judges the message of its last ' +
      'commit by the conventional rules; `danger ci` reads a pull request of one file from the emulated GitHub, by the dangerfile above ' +
      'and by an empty one. *Bare node* runs an empty program.',
  },
  {
    id: 'queue',
    title: 'Queue',
    file: 'queue/line.ts',
    seconds: 180,
    quickSeconds: 16,
    needsPeers: false,
    about:
      'Trivial jobs through the whole road: created with their message, claimed, run, ended. *Takeover*: how soon another replica goes on ' +
      'after `kill -9`. *Stored jobs*: the hot queries beside that many ended jobs. The worker processes and PostgreSQL share the ' +
      "machine's processors: more processes than those add nothing here.",
  },
  {
    id: 'fleet',
    title: 'Idle policies',
    file: 'fleet/line.ts',
    seconds: 12,
    quickSeconds: 3,
    needsPeers: false,
    about:
      'What a job costs by how long a pod is kept after its work, simulated over 2,000 jobs per trace. *Clairvoyant* knows the next ' +
      'arrival; no policy that does not can promise less than 1.58 times its cost in the worst case. *Best fixed* is the fixed wait with ' +
      'the most warm hits that keeps idle spend within 10 %, chosen after the fact.',
  },
  {
    id: 'pods',
    title: 'A hundred pods at once',
    file: 'pods/line.ts',
    seconds: 15,
    quickSeconds: 3,
    needsPeers: false,
    about:
      'A hundred jobs that want a hundred models, and so a pod each, ask in the same moment: the real reconcile loop, in virtual time, at a provider without faults or limits whose ' +
      'pods take a minute to come up, give or take (log-normal, p95 1:47). Against what the provider itself took for the same pods.',
  },
  {
    id: 'resources',
    needsBundle: true,
    title: 'Memory and idle load',
    file: 'resources/line.ts',
    nodeOptions: LEAN_HEAP,
    seconds: 90,
    quickSeconds: 16,
    needsPeers: false,
    about: 'What a server takes that has nothing to do.',
  },
]
