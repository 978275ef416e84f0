/** The end of a create that was sent and whose pod no list has shown. */
export const NEVER_APPEARED = 'never appeared'

/** The end of a pod whose spending reached a cap: jobs on it fail for that reason. */
export const OVER_BUDGET = 'budget reached'

export const EXITED = 'pod exited'
export const VANISHED = 'vanished from the list'

/** Before the reason of a pod that did not come up. */
export const BOOT_FAILED_PREFIX = 'boot failed: '
