/**
 * Keeps a page fresh: on every change the page is fetched again and its live parts replaced. What somebody is typing
 * stands outside of them and stays.
 */
export const liveScript = `
(() => {
  const repository = document.body.dataset.repository
  if (!repository || !window.EventSource) return
  let waiting
  const refresh = async () => {
    const answer = await fetch(location.href)
    if (!answer.ok) return
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
    for (const part of document.querySelectorAll('[data-live]')) {
      const next = fresh.querySelector('[data-live="' + part.dataset.live + '"]')
      if (next && next.innerHTML !== part.innerHTML && !part.contains(document.activeElement)) part.innerHTML = next.innerHTML
    }
  }
  new EventSource('/live/' + repository).addEventListener('changed', () => {
    clearTimeout(waiting)
    waiting = setTimeout(refresh, 120)
  })
})()
`
