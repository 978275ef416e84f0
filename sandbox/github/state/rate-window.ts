/** What one caller has used of its hour. */
export interface RateWindow {
  readonly limit: number
  readonly resetAtMs: number
  used: number
}
