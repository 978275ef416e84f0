/**
 * Loaded before the main program of a process in an emulated pod: the whole process group ends when the sandbox
 * does, `kill -9` included. The sandbox holds the other end of stdin, which the kernel closes whatever happens.
 */
const parent = process.ppid

process.stdin.on('end', endGroup)
process.stdin.on('error', endGroup)
process.stdin.resume()
setInterval(() => {
  if (process.ppid !== parent) endGroup()
}, 250).unref()

function endGroup(): void {
  process.kill(0, 'SIGKILL')
}
