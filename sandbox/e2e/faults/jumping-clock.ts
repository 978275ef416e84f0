// Loaded before a server: sets this process's wall clock forward or back when its parent says so, as an operator or a bad time server does.
// The clock that only goes forward (`performance.now`, timers) goes on as it does on a real machine.
let offsetMs = 0
const RealDate = Date
const realNow = Date.now

class JumpingDate extends RealDate {
  constructor(...given: [] | ConstructorParameters<typeof Date>) {
    super(...((given.length === 0 ? [realNow() + offsetMs] : given) as [number]))
  }

  static override now(): number {
    return realNow() + offsetMs
  }
}

globalThis.Date = JumpingDate as DateConstructor
process.on('message', (message: { readonly jumpMs?: number }) => {
  offsetMs += message.jumpMs ?? 0
})
process.channel?.unref()
