/** The look of every page, light and dark. Bars and curves get their colours from here, too. */
export const STYLESHEET = `:root{color-scheme:light dark;--back:#f6f7f9;--card:#fff;--ink:#171a21;--faint:#5a6270;--line:#dfe3e9;--accent:#4338ca;--accent-ink:#fff;--accent-soft:#eceafd;
--good:#176b3a;--good-soft:#e0f3e7;--warn:#8a5300;--warn-soft:#fdf0d5;--bad:#b3261e;--bad-soft:#fce8e6;--live:#0b5cad;--live-soft:#e1effc;
--series-1:#4f46e5;--series-2:#d97706;--series-3:#0891b2;--wait:#9aa3b2;--rent:#d97706;--boot:#0891b2;--warm:#b45cc8;--model:#4f46e5;--post:#2f9e5c;--code:#f0f2f5;--shadow:0 1px 2px rgb(20 25 40/.06)}
@media (prefers-color-scheme:dark){:root{--back:#0f1116;--card:#181b22;--ink:#e9ebf0;--faint:#a2aab8;--line:#2c313c;--accent:#a5a0ff;--accent-ink:#14122e;--accent-soft:#26244a;
--good:#7ddba0;--good-soft:#15331f;--warn:#f2c063;--warn-soft:#3a2a0c;--bad:#ff9b92;--bad-soft:#431a17;--live:#8cc4ff;--live-soft:#122c47;
--series-1:#8b85ff;--series-2:#f0a040;--series-3:#3cc4dd;--wait:#6b7484;--rent:#e89a3c;--boot:#2fb3cd;--warm:#c983da;--model:#8b85ff;--post:#4fc07d;--code:#20242d;--shadow:none}}
*{box-sizing:border-box}
html{font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--back);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 1.1rem;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:1.1rem;margin:1.8rem 0 .6rem}
h3{font-size:1rem;margin:0 0 .2rem}
p{margin:.3rem 0}
a{color:var(--accent);text-underline-offset:.15em}
code,pre{font:.88em/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{margin:.5rem 0;padding:.7rem .9rem;overflow:auto;background:var(--code);border-radius:.5rem;max-height:30rem}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:.3rem}
main:focus{outline:none}
.skip{position:absolute;left:-99rem;top:.5rem;background:var(--card);padding:.5rem 1rem;z-index:9}
.skip:focus{left:.5rem}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.faint{color:var(--faint)}.small{font-size:.88rem}
.strange{unicode-bidi:isolate;overflow-wrap:anywhere}td.strange,th.strange{overflow-wrap:break-word;min-width:6rem;max-width:36rem}
.text{white-space:pre-wrap}
.block{display:block}
.bar{display:flex;align-items:center;gap:1.5rem;padding:.55rem 1.5rem;background:var(--card);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:5}
.brand{display:inline-flex;align-items:center;gap:.5rem;font-weight:700;color:inherit;text-decoration:none;letter-spacing:-.01em}
.mark{width:1.15rem;height:1.15rem;border-radius:.35rem;background:linear-gradient(135deg,#6366f1,#4338ca)}
.bar nav{flex:1;min-width:0;overflow-x:auto;scrollbar-width:none}
.bar ul{display:flex;gap:.2rem;list-style:none;margin:0;padding:.2rem}
.bar nav a{display:block;padding:.35rem .7rem;border-radius:.45rem;color:var(--faint);text-decoration:none;font-weight:500;white-space:nowrap}
.bar nav a:hover{color:var(--ink);background:var(--code)}
.bar nav a[aria-current]{color:var(--accent);background:var(--accent-soft)}
.who{display:flex;align-items:center;gap:.5rem;margin:0;color:var(--faint);font-size:.9rem}
.who .name{max-width:11rem;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
main{max-width:72rem;margin:0 auto;padding:1.6rem 1.5rem 4rem}
main.plain{max-width:27rem;padding-top:12vh}
main.plain .brand{margin-bottom:1.2rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;box-shadow:var(--shadow);padding:1rem 1.2rem;margin:0 0 1rem}
pre.card{padding:.9rem 1.1rem}
.stack>*{display:block;margin-top:.6rem;margin-bottom:.6rem}.stack>.actions{display:flex}
.narrow{max-width:36rem}
.or{text-align:center;color:var(--faint)}
.between{display:flex;align-items:baseline;justify-content:space-between;gap:1rem}
.actions{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center;margin:.6rem 0}
button,.button,input,select{font:inherit;color:inherit;border:1px solid var(--line);border-radius:.5rem;background:var(--card);padding:.42rem .8rem;min-height:2.35rem}
button,.button{cursor:pointer;font-weight:550;text-decoration:none;display:inline-flex;align-items:center;justify-content:center;color:var(--ink)}
button:hover,.button:hover{border-color:var(--faint)}
.primary{background:var(--accent);border-color:var(--accent);color:var(--accent-ink)}
.danger{color:var(--bad);border-color:color-mix(in srgb,var(--bad) 45%,transparent)}
.danger:hover{background:var(--bad-soft);border-color:var(--bad)}
.quiet{border-color:transparent;background:none;color:var(--faint)}
.wide,.stack button:only-of-type{width:100%}
.stack .actions button:only-of-type{width:auto}
input,select{min-width:0}
.stack input{width:100%}
.short{width:5rem}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .9rem;align-items:end}
.filters label{display:grid;gap:.15rem;font-size:.82rem;color:var(--faint)}
.filters input,.filters select{color:var(--ink);font-size:.95rem}
.empty{color:var(--faint);margin-bottom:1rem}
.notice{border-left:4px solid var(--live);background:var(--live-soft);padding:.6rem .9rem;border-radius:.4rem;margin:.6rem 0}
.notice.good{border-color:var(--good);background:var(--good-soft)}.notice.warn{border-color:var(--warn);background:var(--warn-soft)}.notice.bad{border-color:var(--bad);background:var(--bad-soft)}
.badge{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.82rem;font-weight:600;background:var(--code);color:var(--faint);white-space:nowrap;border:1px solid transparent}
.badge.good{background:var(--good-soft);color:var(--good)}.badge.warn{background:var(--warn-soft);color:var(--warn)}.badge.bad{background:var(--bad-soft);color:var(--bad)}.badge.live{background:var(--live-soft);color:var(--live)}
.tiles{display:grid;grid-template-columns:repeat(auto-fill,minmax(13.5rem,1fr));gap:.8rem;list-style:none;margin:0 0 1rem;padding:0}
@media (min-width:46rem){.tiles:has(>:nth-child(6):last-child){grid-template-columns:repeat(3,1fr)}}
.tile{margin:0;padding:.8rem 1rem}
.tile p{margin:0}.tiles+p{margin:-.3rem 0 .9rem}.label,.note{color:var(--faint);font-size:.85rem}
.value{font-size:1.5rem;font-weight:650;letter-spacing:-.02em;font-variant-numeric:tabular-nums;line-height:1.35}
.tile.warn .value{color:var(--warn)}.tile.bad .value{color:var(--bad)}
.meter{display:block;margin:.2rem 0 .3rem}.meter .track{fill:var(--line)}.meter .fill{fill:var(--series-1)}
.warn .meter .fill{fill:var(--series-2)}.bad .meter .fill{fill:var(--bad)}
.pod.none{display:flex;justify-content:space-between;align-items:center;gap:1rem;flex-wrap:wrap}
.pod .head{display:flex;align-items:center;justify-content:space-between;gap:.6rem 1rem;flex-wrap:wrap}.pod .head .state{margin:0}.pod .facts+p{margin:.7rem 0 0;overflow-wrap:anywhere}
.pod.none form{text-align:center}
.state{font-size:1.25rem;font-weight:650;margin:0 0 .2rem;display:flex;align-items:center;gap:.6rem}
.dot{width:.7rem;height:.7rem;border-radius:50%;background:var(--wait);flex:none}
.ready .dot,.busy .dot{background:var(--post)}.intent .dot,.creating .dot,.booting .dot,.warming .dot{background:var(--rent)}.draining .dot,.terminating .dot,.lost .dot{background:var(--bad)}
@media (prefers-reduced-motion:no-preference){.busy .dot,.creating .dot,.booting .dot,.warming .dot{animation:pulse 1.6s ease-in-out infinite}@keyframes pulse{50%{opacity:.35}}}
.phases{display:grid;grid-auto-flow:column;grid-auto-columns:1fr;gap:.35rem;list-style:none;margin:.8rem 0 1rem;padding:0}
.phases li{border-top:4px solid var(--line);padding-top:.35rem;font-size:.88rem;color:var(--faint)}
.phases .past{border-color:var(--post)}.phases .here{border-color:var(--series-1);color:var(--ink);font-weight:650}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.55rem 1.6rem;margin:0}
.facts div{min-width:0}.facts dt{font-size:.82rem;color:var(--faint)}.facts dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
.scroll.card{padding:.3rem .6rem}
th,td{text-align:left;padding:.5rem .6rem;vertical-align:top}
thead th{font-size:.82rem;color:var(--faint);font-weight:550;white-space:nowrap}
tbody tr{border-top:1px solid var(--line)}
tbody th{font-weight:500}
tbody tr:hover{background:color-mix(in srgb,var(--code) 55%,transparent)}
.number{text-align:right;white-space:nowrap}.number+:not(.number){padding-left:1.8rem}
td time{white-space:nowrap}
.pager{display:flex;gap:.6rem;justify-content:center}
.chart{margin:0 0 1rem}.chart figcaption{font-weight:600;margin-bottom:.5rem}
.curve:empty{display:none}.js .curve:empty{display:block;min-height:232px}.chart .u-legend{font-size:.85rem;text-align:left;color:var(--faint);width:auto}.chart .u-legend tr{border:0}.chart .u-legend tr:hover{background:none}.chart .u-legend th,.chart .u-legend td{padding:.1rem .3rem .1rem 0}.chart .u-legend th{font-weight:500}
.chart details .scroll{max-height:20rem;overflow:auto}
summary{cursor:pointer}
.chart summary{color:var(--faint);font-size:.88rem}
.gantt{display:grid;gap:.2rem}
.lane{display:grid;grid-template-columns:6rem 1fr 5.5rem;gap:.7rem;align-items:center}
.lane svg{display:block;overflow:visible}
.lane-name{font-size:.9rem}.lane-time{font-size:.85rem;color:var(--faint);text-align:right;font-variant-numeric:tabular-nums}
.gantt .grid{stroke:var(--line)}.gantt text{fill:var(--faint);font-size:11px}
.gantt .wait{fill:var(--wait)}.gantt .rent{fill:var(--rent)}.gantt .boot{fill:var(--boot)}.gantt .warm{fill:var(--warm)}.gantt .model{fill:var(--model);fill-opacity:.75}.gantt .post{fill:var(--post)}
#gantt-numbers{margin-top:.6rem}#gantt-numbers summary{color:var(--faint);font-size:.88rem}
.findings,.timeline,.checks,.plain-list,.tree,.tree ul{list-style:none;padding-left:0}
.findings{margin:0}.timeline,.checks,.plain-list,.tree{padding:.9rem 1.2rem}
.timeline li{padding:.22rem 0;display:grid;grid-template-columns:6.5rem 6.5rem 1fr;gap:.6rem}
.timeline .at{color:var(--faint);font-variant-numeric:tabular-nums;text-align:right}.timeline .kind{color:var(--faint)}
.checks li{display:grid;grid-template-columns:4.6rem 12rem 1fr;gap:.2rem .8rem;align-items:baseline}.checks .badge{justify-self:start}
.counts{display:flex;flex-wrap:wrap;gap:.3rem 1.1rem;list-style:none;margin:0 0 .9rem;padding:0;color:var(--faint)}.counts a{text-decoration:none;color:var(--ink);font-variant-numeric:tabular-nums}.counts a:hover{text-decoration:underline}
.checks li,.plain-list li{padding:.5rem 0;border-top:1px solid var(--line)}.checks li:first-child,.plain-list li:first-child{border-top:0}
.tree>li+li{border-top:1px solid var(--line);margin-top:.6rem;padding-top:.6rem}
.tree ul{margin:.2rem 0 0;padding-left:1rem;border-left:2px solid var(--line)}
.tree details{padding:.25rem 0}.tree .facts{margin:.4rem 0 .8rem 1.1rem}
.group{margin:0}
.path{margin:0;padding-left:1.4rem}.path li{padding:.2rem 0}
dialog{border:0;padding:0;background:none;color:inherit;max-width:min(36rem,94vw)}
dialog::backdrop{background:rgb(10 12 20/.5)}
dialog .card{margin:0}dialog h2{margin-top:0}
.live-note{position:fixed;right:1rem;bottom:1rem;margin:0;background:var(--ink);color:var(--back);padding:.5rem .9rem;border-radius:.5rem;max-width:90vw}
.live-note:empty{display:none}
@media (max-width:46rem){.bar{flex-wrap:wrap;gap:.3rem 1rem;padding:.5rem 1rem;position:static}.bar nav{order:3;flex-basis:100%}.who{margin-left:auto}main{padding:1.1rem 1rem 3rem}h1{font-size:1.35rem}
.tiles{grid-template-columns:1fr 1fr}.value{font-size:1.25rem}.lane{grid-template-columns:4.2rem 1fr 4.6rem;gap:.4rem}.timeline li{grid-template-columns:auto 1fr;gap:0 .6rem}.timeline li .strange{grid-column:1/-1}.timeline .at{text-align:left}
.phases li{font-size:.76rem}.card{padding:.9rem}.gantt text{font-size:9px}.gantt .odd{display:none}.facts{grid-template-columns:repeat(auto-fit,minmax(9rem,1fr))}.bar nav a{padding:.35rem .32rem;font-size:.83rem}.bar ul{gap:0;padding:.2rem 0;justify-content:space-between;max-width:26rem}.pod.none form{text-align:left}.wide-only{display:none}.checks li{grid-template-columns:4.6rem 1fr}.checks li>:last-child{grid-column:1/-1}.filters label{flex:1 1 8rem}.filters input,.filters select{width:100%}th,td{padding:.45rem .25rem}table{font-size:.84rem}.scroll.card{padding:.3rem .4rem}.badge{padding:.05rem .45rem;font-size:.78rem}}
`
