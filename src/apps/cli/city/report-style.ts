// How the page of a data report looks: one column, two languages of which one is shown, light and
// dark, narrow and wide, screen and paper. It names no font file, no picture and no address, so
// that the page asks nothing of any network.

/** The style sheet of the page; the page's policy allows exactly these bytes. */
export const style: string = `
:root{color-scheme:light dark;--ink:#1b1f24;--dim:#59626d;--paper:#fff;--soft:#f3f5f7;
--line:#d5dae0;--link:#0a58a8;--bad:#a8201a;--badsoft:#fdecea;--warn:#7a4b00;--warnsoft:#fdf2dc;
--good:#17633a;--goodsoft:#e5f4ea}
@media (prefers-color-scheme:dark){:root{--ink:#e7eaee;--dim:#a3adb8;--paper:#14171b;
--soft:#1e2329;--line:#3a424c;--link:#86b9f5;--bad:#ff9d94;--badsoft:#3a1917;--warn:#f0c06a;
--warnsoft:#352a12;--good:#86d9a5;--goodsoft:#14301f}}
*{box-sizing:border-box}
body{font:1rem/1.6 system-ui,-apple-system,"Noto Sans CJK SC","Noto Sans SC","PingFang SC",
"Microsoft YaHei",sans-serif;color:var(--ink);background:var(--paper);margin:0;
overflow-wrap:anywhere}
main{max-width:68rem;margin:0 auto;padding:1.25rem 1rem 4rem}
h1{font-size:1.75rem;line-height:1.25;margin:0 0 .5rem;padding-top:1rem;clear:both}
h2{font-size:1.3rem;line-height:1.3;margin:2.5rem 0 .75rem;padding-bottom:.35rem;
border-bottom:2px solid var(--line)}
h3{font-size:1.1rem;line-height:1.4;margin:0}
p{margin:.4rem 0;max-width:46rem}
a{color:var(--link);text-underline-offset:.15em}
code{font:.85em/1.5 ui-monospace,"SFMono-Regular",Consolas,"Noto Sans Mono CJK SC",monospace}
a:focus-visible,summary:focus-visible,.switch:focus-visible+label{outline:3px solid var(--link);
outline-offset:2px}
.switch{position:absolute;opacity:0;width:1px;height:1px}
.switch+label{float:left;min-width:5.5rem;min-height:2.75rem;padding:.55rem .9rem;
text-align:center;border:1px solid var(--line);cursor:pointer;color:var(--dim)}
.switch+label.first{border-radius:.5rem 0 0 .5rem;border-right:0}
.switch+label.last{border-radius:0 .5rem .5rem 0}
.switch:checked+label{background:var(--ink);color:var(--paper);border-color:var(--ink)}
#in-zh:checked~* .e,#in-en:checked~* .z{display:none}
.kind{float:right;padding:.55rem 0;color:var(--dim);font-size:.875rem}
.dim,.code{color:var(--dim)}.code{display:block;font-size:.875rem;font-weight:400}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(8.5rem,1fr));gap:.6rem;
margin:1.25rem 0;padding:0}
.figures div{background:var(--soft);border-radius:.5rem;padding:.6rem .85rem}
.figures dt{color:var(--dim);font-size:.875rem}
.figures dd{margin:0;font-size:1.5rem;line-height:1.3;font-variant-numeric:tabular-nums}
.figures .bad{background:var(--badsoft)}.figures .warn{background:var(--warnsoft)}
.figures .bad dd,.figures .bad dt{color:var(--bad)}
.figures .warn dd,.figures .warn dt{color:var(--warn)}
.todo{list-style:none;margin:0;padding:0}
.todo>li{border-left:4px solid var(--warn);background:var(--warnsoft);border-radius:.25rem;
padding:.5rem .85rem;margin:.5rem 0}
.todo>li.bad{border-color:var(--bad);background:var(--badsoft)}
.todo ul{margin:.15rem 0 0;padding-left:1.1rem}
.calm{max-width:none;border-left:4px solid var(--good);background:var(--goodsoft);
padding:.5rem .85rem;border-radius:.25rem}
.note{padding:.4rem .75rem;background:var(--soft);border-radius:.25rem}
.note strong{font-weight:500}
.state{display:inline-block;padding:.05rem .55rem;border-radius:1rem;font-size:.875rem;
font-weight:400;white-space:nowrap;background:var(--soft)}
.state.good{color:var(--good);background:var(--goodsoft)}
.state.warn{color:var(--warn);background:var(--warnsoft)}
.state.bad{color:var(--bad);background:var(--badsoft)}
.source{border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.1rem;margin:1rem 0}
.source header{display:flex;flex-wrap:wrap;gap:.35rem .75rem;align-items:center}
.facts{display:grid;grid-template-columns:max-content 1fr;gap:.15rem 1rem;margin:.6rem 0}
.facts dt{color:var(--dim)}.facts dd{margin:0}
table{border-collapse:collapse;width:100%;margin:.75rem 0}
caption{text-align:left;font-weight:600;padding:.25rem 0}
th,td{text-align:left;vertical-align:top;padding:.45rem .9rem .45rem 0;
border-bottom:1px solid var(--line)}
th:last-child,td:last-child{padding-right:0}
thead th{color:var(--dim);font-weight:400;font-size:.875rem;vertical-align:bottom}
tbody th{font-weight:400}
td.n+td:not(.n),th.n+th:not(.n){padding-left:1.1rem}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tr.sum>*{font-weight:600}
.h{display:none}
.rows{font-variant-numeric:tabular-nums}
.place{margin:0 0 .35rem}
details{margin:.35rem 0}
summary{cursor:pointer;color:var(--link);padding:.6rem 0}
td summary{padding:0}
.reasons{table-layout:fixed}.reasons thead th:nth-child(1){width:27%}
.reasons thead th:nth-child(2){width:4.5rem}.reasons thead th:nth-child(3){width:31%}
.mapping td,.mapping th{font-size:.9375rem}
footer{margin-top:3rem;color:var(--dim);font-size:.9375rem}
@media screen and (max-width:44rem){
h1{font-size:1.5rem}
.source{padding:.85rem .8rem}
.facts{display:block}.facts dd{margin:0 0 .35rem}
table,caption,tbody,tr,td,tbody th{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-bottom:1px solid var(--line);padding:.5rem 0}
td,td.n,tbody th{border:0;padding:.1rem 0;text-align:left;white-space:normal}
td.n+td:not(.n){padding-left:0}
td{display:grid;grid-template-columns:5.5rem 1fr;gap:.5rem}
tbody th{font-weight:600}
.h{display:inline;color:var(--dim);font-size:.875rem;line-height:1.8}
td>div{min-width:0}
.overview tr{display:flex;flex-wrap:wrap;gap:0 1rem}.overview tbody th{flex-basis:100%}
.overview td{display:flex;gap:.4rem}
td summary{padding:.6rem 0}}
@media print{
:root{color-scheme:light;--ink:#000;--dim:#444;--paper:#fff;--soft:#f3f5f7;--line:#bbb;
--link:#000;--bad:#a8201a;--badsoft:#fff;--warn:#7a4b00;--warnsoft:#fff;--good:#17633a;
--goodsoft:#fff}
@page{margin:16mm 14mm}
body{font-size:10pt}main{max-width:none;padding:0}
.switch,.switch+label{display:none}
h2,h3,caption,.source header{break-after:avoid}
tr,li,.figures div{break-inside:avoid}
.figures div,.todo>li,.calm{border:1px solid var(--line)}
summary{list-style:none;padding:.2rem 0}
details::details-content{content-visibility:visible;height:auto}}
`
