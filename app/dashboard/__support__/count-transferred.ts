import type { Page } from 'playwright-core'

/** Counts from now on what a page and everything it loads weigh as sent; nothing comes from a cache. */
export async function countTransferred(page: Page): Promise<() => number> {
  const session = await page.context().newCDPSession(page)
  await session.send('Network.enable')
  await session.send('Network.clearBrowserCache')
  let bytes = 0
  session.on('Network.loadingFinished', ({ encodedDataLength }) => {
    bytes += encodedDataLength
  })
  return () => bytes
}
