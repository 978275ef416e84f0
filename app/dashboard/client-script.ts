/**
 * The one script of the dashboard. Every page is whole without it; with it, regions follow the server's events, buttons that spend ask in
 * a dialog, times count, and tables of numbers become curves.
 */
export const CLIENT_SCRIPT = `'use strict'
;(() => {
  const own = document.currentScript
  document.documentElement.classList.add('js')
  const each = (selector, act, root) => (root || document).querySelectorAll(selector).forEach(act)

  // Regions -----------------------------------------------------------------------------------------------------------------
  const note = document.getElementById('live-note')
  const main = document.getElementById('content')
  let busy = false, again = false, timer = 0
  async function refresh() {
    if (busy) { again = true; return }
    busy = true
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' }, redirect: 'manual' })
      if (answer.type === 'opaqueredirect' || answer.status === 401) { location.reload(); return }
      if (!answer.ok) return
      const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html')
      each('[data-live]', (region) => replace(region, fresh.getElementById(region.id)))
    } catch { /* the stream says when the server is back */ }
    finally {
      busy = false
      if (again) { again = false; later() }
    }
  }
  function replace(region, fresh) {
    if (!fresh || region.querySelector('dialog[open]')) return
    const html = fresh.innerHTML
    if (region.dataset.was === html) return
    const open = [...region.querySelectorAll('details[open]')].map((item) => item.id)
    const focus = region.contains(document.activeElement) ? place(document.activeElement) : null
    region.innerHTML = html
    region.dataset.was = html
    open.forEach((id) => { const item = id && document.getElementById(id); if (item) item.open = true })
    if (focus) { const back = [...region.querySelectorAll('a,button,summary')].find((item) => place(item) === focus); if (back) back.focus() }
    prepare(region)
  }
  const place = (item) => item.tagName + (item.getAttribute('href') || '') + item.textContent.trim()
  function later() { clearTimeout(timer); timer = setTimeout(() => { if (!document.hidden) refresh(); else again = true }, 150) }
  document.addEventListener('visibilitychange', () => { if (!document.hidden && again) { again = false; refresh() } })
  if (main && main.dataset.events && window.EventSource) {
    let lost = false
    const stream = new EventSource(main.dataset.events)
    stream.addEventListener('open', () => { if (lost) { lost = false; note.textContent = 'Connected again.'; setTimeout(() => { note.textContent = '' }, 3000); later() } })
    stream.addEventListener('change', later)
    stream.addEventListener('error', () => {
      if (!lost) { lost = true; note.textContent = 'Not connected: what you see may be old. Trying again…' }
      if (stream.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 10000)
    })
    setInterval(later, 30000)
    addEventListener('pagehide', () => stream.close())
  }

  // Times -------------------------------------------------------------------------------------------------------------------
  const two = (value) => String(value).padStart(2, '0')
  function clock(ms) {
    const all = Math.max(0, Math.round(ms / 1000)), h = Math.floor(all / 3600), m = Math.floor(all / 60) % 60
    return h ? h + ' h ' + two(m) + ' min' : m ? m + ' min ' + two(all % 60) + ' s' : (all % 60) + ' s'
  }
  setInterval(() => {
    each('[data-since]', (item) => { item.textContent = clock(Date.now() - item.dataset.since) })
    each('[data-until]', (item) => { item.textContent = clock(item.dataset.until - Date.now()) })
  }, 1000)

  // Asking once --------------------------------------------------------------------------------------------------------------
  document.addEventListener('click', async (event) => {
    const link = event.target.closest && event.target.closest('a[data-confirm]')
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    try {
      const answer = await fetch(link.href)
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
      const question = page.getElementById('question')
      if (!answer.ok || !question) { location.href = link.href; return }
      const dialog = document.createElement('dialog')
      dialog.append(document.adoptNode(question))
      dialog.setAttribute('aria-labelledby', 'question-title')
      document.body.append(dialog)
      each('a.cancel', (cancel) => cancel.addEventListener('click', (stop) => { stop.preventDefault(); dialog.close() }), dialog)
      dialog.addEventListener('close', () => { dialog.remove(); link.focus() })
      dialog.showModal()
    } catch { location.href = link.href }
  })

  // Curves -------------------------------------------------------------------------------------------------------------------
  let uplot
  function load() {
    uplot = uplot || new Promise((done, failed) => {
      const style = document.createElement('link')
      style.rel = 'stylesheet'; style.href = own.dataset.uplotStyle
      const script = document.createElement('script')
      script.src = own.dataset.uplotScript; script.onload = () => done(window.uPlot); script.onerror = failed
      document.head.append(style, script)
    })
    return uplot
  }
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
  function numbers(table) {
    const rows = [...table.tBodies[0].rows].reverse().map((row) => [...row.cells].map((cell) => cell.dataset.v === undefined || cell.dataset.v === '' ? null : Number(cell.dataset.v)))
    const heads = [...table.tHead.rows[0].cells].map((cell) => cell.textContent.trim())
    return { heads, columns: heads.map((_, index) => rows.map((row) => row[index])) }
  }
  const shown = new Map()
  async function draw(figure) {
    const table = figure.querySelector('table'), holder = figure.querySelector('.curve')
    if (!table || !holder || table.tBodies[0].rows.length === 0) return
    const Plot = await load()
    const old = shown.get(holder)
    if (old) old.destroy()
    const { heads, columns } = numbers(table)
    const isDay = figure.dataset.x === 'day', day = 86400
    // A single bar in an empty week says more than one that fills the page.
    for (; isDay && columns[0].length < 7; columns[0][0] = columns[0][1] - day) columns.forEach((column) => column.unshift(null))
    const kind = figure.dataset.chart, unit = figure.dataset.unit || '', target = Number(figure.dataset.target || NaN)
    const inks = ['--series-1', '--series-2', '--series-3'].map(colour)
    const tick = (value) => value == null ? '–' : unit === '$' ? '$' + (value === 0 ? '0' : value >= 0.01 ? value.toFixed(2) : Number(value.toPrecision(2))) : Math.round(value * 100) / 100 + (unit ? ' ' + unit : '')
    const series = [{ label: heads[0] }].concat(heads.slice(1).map((label, index) => ({
      label, scale: 'y', stroke: inks[index % 3], width: kind === 'dots' ? 0 : 2, value: (_, value) => tick(value), spanGaps: true,
      fill: kind === 'bars' ? inks[index % 3] : undefined,
      paths: kind === 'bars' ? Plot.paths.bars({ size: [0.7, 48], radius: 0.15 }) : undefined,
      points: { show: kind !== 'bars' && (kind === 'dots' || columns[0].length < 20), size: 6, fill: inks[index % 3] },
    })))
    const data = columns
    if (!Number.isNaN(target)) {
      series.push({ label: 'target', scale: 'y', stroke: colour('--bad'), dash: [6, 5], width: 1.5, points: { show: false }, value: (_, value) => tick(value) })
      data.push(columns[0].map(() => target))
    }
    const axis = { stroke: colour('--faint'), grid: { stroke: colour('--line'), width: 1 }, ticks: { stroke: colour('--line'), width: 1 }, font: '12px system-ui, sans-serif' }
    shown.set(holder, new Plot({
      width: Math.max(260, holder.clientWidth), height: 200, series, legend: { live: true }, cursor: { y: false },
      tzDate: (seconds) => Plot.tzDate(new Date(seconds * 1000), 'Etc/UTC'),
      scales: {
        x: { time: true, range: (_, low, high) => isDay ? [low - day * 0.6, high + day * 0.6] : low === high ? [low - 1800, high + 1800] : [low, high] },
        y: { range: (_, low, high) => [0, (high || 1) * 1.1] },
      },
      axes: [{ ...axis, space: 70, incrs: isDay ? [day, day * 2, day * 7, day * 14, day * 30] : undefined, values: (_, values) => { const isLong = isDay || values.at(-1) - values[0] > 2 * day; const isShort = values.at(-1) - values[0] < 600; return values.map((value) => { const text = new Date(value * 1000).toISOString(); return isLong ? text.slice(5, 10) : text.slice(11, isShort ? 19 : 16) }) } },
        { ...axis, scale: 'y', size: 64, values: (_, values) => values.map(tick) }],
    }, data, holder))
  }
  function prepare(root) {
    each('figure[data-chart]', (figure) => {
      const table = figure.querySelector('details')
      if (table && !figure.dataset.seen) table.open = false
      figure.dataset.seen = '1'
      const watch = new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting)) { watch.disconnect(); draw(figure).catch(() => { table.open = true }) } })
      watch.observe(figure)
    }, root)
  }
  prepare(document)
  const again2 = () => each('figure[data-chart]', (figure) => { draw(figure).catch(() => {}) })
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', again2)
  let width = innerWidth
  addEventListener('resize', () => { if (innerWidth !== width) { width = innerWidth; clearTimeout(resize); resize = setTimeout(again2, 200) } })
  let resize = 0

  // Filters ------------------------------------------------------------------------------------------------------------------
  each('form[data-submit] select', (select) => select.addEventListener('change', () => select.form.requestSubmit()))
})()
`
