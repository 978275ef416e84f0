/** The look of all pages: plain, light or dark as the system is, nothing fetched from elsewhere. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f8fa; --card: #ffffff; --ink: #1f2328; --muted: #59636e; --line: #d1d9e0; --link: #0969da;
  --green: #1a7f37; --red: #cf222e; --amber: #9a6700; --violet: #8250df; --grey: #59636e;
  --added: #dafbe1; --added-gutter: #b4f1c3; --removed: #ffebe9; --removed-gutter: #ffcecb; --hunk: #ddf4ff;
  --code: #818b981f; --button: #f6f8fa; --shadow: 0 1px 2px #1f232814;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --card: #151b23; --ink: #f0f6fc; --muted: #9198a1; --line: #3d444d; --link: #4493f8;
    --green: #3fb950; --red: #ff7b72; --amber: #d29922; --violet: #ab7df8; --grey: #9198a1;
    --added: #12261e; --added-gutter: #1c4428; --removed: #25171c; --removed-gutter: #542426; --hunk: #131d2e;
    --code: #656c7640; --button: #212830; --shadow: none;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 14px/1.5 system-ui, -apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, sans-serif; }
a { color: var(--link); text-decoration: none; } a:hover { text-decoration: underline; }
code, pre, .diff, .sha { font-family: ui-monospace, SFMono-Regular, 'SF Mono', Menlo, Consolas, 'Liberation Mono', monospace; font-size: 12px; }
header.top { background: var(--card); border-bottom: 1px solid var(--line); padding: 10px 24px; display: flex; gap: 16px; align-items: center; justify-content: space-between; }
header.top .where { font-size: 15px; font-weight: 600; } header.top .where a { color: var(--ink); }
header.top form { display: flex; gap: 8px; align-items: center; color: var(--muted); }
main { max-width: 1280px; margin: 0 auto; padding: 24px; }
h1 { font-size: 26px; font-weight: 500; margin: 0 0 8px; line-height: 1.25; overflow-wrap: anywhere; } h1 .number { color: var(--muted); font-weight: 300; }
h2 { font-size: 17px; margin: 32px 0 12px; } h3 { font-size: 14px; margin: 0 0 8px; }
.muted { color: var(--muted); } .right { margin-left: auto; }
.row { display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 290px; gap: 28px; align-items: start; }
@media (max-width: 900px) { .columns { grid-template-columns: minmax(0, 1fr); } main { padding: 14px; } }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; box-shadow: var(--shadow); margin: 0 0 16px; overflow: hidden; }
.card > .head { background: var(--page); border-bottom: 1px solid var(--line); padding: 8px 14px; display: flex; gap: 8px; align-items: center; flex-wrap: wrap; }
.card > .body { padding: 14px; overflow-wrap: anywhere; } .card > .body > :first-child { margin-top: 0; } .card > .body > :last-child { margin-bottom: 0; }
.state { color: #fff; border-radius: 99px; padding: 3px 12px; font-weight: 500; background: var(--grey); } .state.open { background: #1f883d; } .state.merged { background: #8250df; } .state.closed { background: #cf222e; }
.tag { border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; font-size: 12px; color: var(--muted); white-space: nowrap; }
.branch { background: var(--hunk); color: var(--link); border-radius: 6px; padding: 1px 6px; font: 12px ui-monospace, Menlo, Consolas, monospace; }
.avatar { width: 20px; height: 20px; border-radius: 99px; vertical-align: middle; } .avatar.large { width: 32px; height: 32px; }
.event { padding: 4px 0 16px 14px; margin-left: 16px; border-left: 2px solid var(--line); color: var(--muted); } .event b { color: var(--ink); } :is(.event, .markdown) a { text-decoration: underline; }
.mark { font-weight: 700; } .success { color: var(--green); } .failure, .timed_out, .cancelled { color: var(--red); } .neutral, .skipped, .stale { color: var(--grey); } .action_required, .queued, .in_progress, .pending { color: var(--amber); }
.item { display: flex; gap: 10px; padding: 10px 14px; border-top: 1px solid var(--line); align-items: baseline; } .item:first-child { border-top: 0; } .item:hover { background: var(--page); } .item .title { font-weight: 600; font-size: 15px; color: var(--ink); }
.diff { width: 100%; border-collapse: collapse; line-height: 20px; tab-size: 4; }
.diff td { padding: 0 10px; vertical-align: top; } .diff td.number { width: 1%; min-width: 44px; text-align: right; user-select: none; padding: 0 8px; } .diff td.number a { color: var(--muted); display: block; }
.diff td.code { white-space: pre-wrap; overflow-wrap: anywhere; } .diff .added td { background: var(--added); } .diff .added td.number { background: var(--added-gutter); } .diff .removed td { background: var(--removed); } .diff .removed td.number { background: var(--removed-gutter); } .diff :is(.added, .removed) td.number a { color: var(--ink); } .diff .hunk td { background: var(--hunk); color: var(--muted); padding-top: 3px; padding-bottom: 3px; }
.diff td.talk { padding: 10px 14px; background: var(--page); border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); font: 14px/1.5 system-ui, sans-serif; } .talk .card { max-width: 860px; margin-bottom: 10px; }
.suggestion { border: 1px solid var(--line); border-radius: 6px; overflow: hidden; margin: 8px 0; } .suggestion > .head { padding: 4px 10px; font-size: 12px; color: var(--muted); border-bottom: 1px solid var(--line); }
.markdown pre { background: var(--code); padding: 10px 12px; border-radius: 6px; overflow: auto; } .markdown :not(pre) > code { background: var(--code); padding: 2px 5px; border-radius: 5px; overflow-wrap: anywhere; } .markdown table:not(.diff) { border-collapse: collapse; display: block; overflow: auto; max-width: 100%; } .markdown table:not(.diff) :is(th, td) { border: 1px solid var(--line); padding: 4px 10px; } .markdown ul:has(> li > input[type=checkbox]) { list-style: none; padding-left: 4px; } .markdown blockquote { margin: 0; padding: 0 12px; color: var(--muted); border-left: 4px solid var(--line); } .markdown img { max-width: 100%; } .markdown ul, .markdown ol { padding-left: 24px; } .markdown h1, .markdown h2 { font-size: 18px; margin: 18px 0 10px; border-bottom: 1px solid var(--line); padding-bottom: 4px; } .markdown h3 { font-size: 15px; margin: 14px 0 6px; } .markdown summary { cursor: pointer; } .markdown details { margin: 8px 0; }
textarea, input[type=text], select { width: 100%; font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: 8px 10px; } textarea { min-height: 90px; resize: vertical; } select { width: auto; padding: 3px 8px; }
textarea:focus, input:focus, button:focus-visible, a:focus-visible, summary:focus-visible { outline: 2px solid var(--link); outline-offset: 1px; }
button { font: inherit; font-weight: 500; color: inherit; background: var(--button); border: 1px solid var(--line); border-radius: 6px; padding: 5px 14px; cursor: pointer; } button:hover { border-color: var(--muted); } button.primary { background: #1f883d; border-color: #1f883d; color: #fff; } button.danger { color: var(--red); } button.wide { width: 100%; }
form.stack { display: grid; gap: 8px; margin: 0; } .side .card > .body { display: grid; gap: 8px; } details > summary { cursor: pointer; } .notice { background: var(--removed); border: 1px solid var(--red); padding: 10px 14px; border-radius: 8px; margin-bottom: 16px; } .lead { white-space: pre-wrap; }
.check { flex-wrap: nowrap; } .check .muted { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .check a { white-space: nowrap; }
.reactions { display: flex; gap: 6px; margin-top: 10px; } .reactions span { border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; font-size: 12px; }
`
