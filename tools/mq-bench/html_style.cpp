#include "tools/mq-bench/html_style.hpp"

namespace mq_bench {

const std::string_view kHtmlStyle = R"css(
:root{color-scheme:light dark;
--page:#f4f5f7;--card:#fff;--ink:#1a1e24;--soft:#55606d;--edge:#d9dee5;--grid:#e6e9ee;--band:#eef2f8;
--s0:#0a5cc2;--s1:#b04a00;--s2:#4b3fa8;--s3:#00687a;--s4:#9c2266;--faint:#77818e;--bad:#b3261e;--good:#0f6b35;--warn:#8a5300;
--bad-bg:#fdecea;--good-bg:#e6f4ea;--warn-bg:#fdf1dc}
@media (prefers-color-scheme:dark){:root{
--page:#0e1116;--card:#161a21;--ink:#e7eaef;--soft:#a2acb9;--edge:#2b323c;--grid:#252b34;--band:#1c222c;
--s0:#6fb3ff;--s1:#ffab5e;--s2:#b9a5ff;--s3:#4fd0e0;--s4:#ff8fc4;--faint:#8590a0;--bad:#ff8a80;--good:#63d391;--warn:#f2bd62;
--bad-bg:#3a1a1a;--good-bg:#12301f;--warn-bg:#36290f}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Noto Sans","DejaVu Sans",sans-serif;overflow-wrap:anywhere}
main,header,footer{max-width:72rem;margin:0 auto;padding:0 1rem}
header{padding-top:1.25rem}
h1{font-size:1.5rem;line-height:1.25;margin:0 0 .35rem}
h2{font-size:1.1rem;margin:0 0 .6rem}
p{margin:.3rem 0}
section,.verdict{background:var(--card);border:1px solid var(--edge);border-radius:.75rem;padding:1rem 1.1rem;
margin:0 0 1rem}
.verdict{border-left:.5rem solid var(--good);background:var(--good-bg)}
.verdict.bad{border-left-color:var(--bad);background:var(--bad-bg)}
.verdict.warn{border-left-color:var(--warn);background:var(--warn-bg)}
.verdict ul{margin:.4rem 0 0;padding-left:1.2rem}
.word{font-weight:700}
.good .word,.word.good{color:var(--good)}.bad .word,.word.bad{color:var(--bad)}.warn .word,.word.warn{color:var(--warn)}
.note,.soft{color:var(--soft);font-size:.875rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(8rem,1fr));gap:.6rem;margin:0 0 1rem;padding:0}
.tiles div{background:var(--card);border:1px solid var(--edge);border-radius:.75rem;padding:.6rem .7rem}
.tiles dt{color:var(--soft);font-size:.8125rem}
.tiles dd{margin:0;font-size:1.15rem;font-weight:650;white-space:nowrap;font-variant-numeric:tabular-nums;line-height:1.3}
.tiles dd.bad{color:var(--bad)}
.tiles small{display:block;white-space:normal;font-size:.75rem;font-weight:400;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums;font-size:.9375rem}
th,td{padding:.32rem .6rem;text-align:right;border-bottom:1px solid var(--grid);vertical-align:top}
th:first-child,td:first-child{text-align:left;padding-left:0}
thead th{color:var(--soft);font-weight:600;font-size:.8125rem;white-space:nowrap}
tbody th{font-weight:500}
tbody tr:last-child>*{border-bottom:0}
.words td{text-align:left;overflow-wrap:anywhere}
.words th{text-align:left}
.words tbody th{width:34%}
.cards td:first-child{width:7rem}
.figures td,.figures thead th,.scroll .figures th{white-space:nowrap}
.scroll th:first-child{position:sticky;left:0;background:var(--card)}
.sums{list-style:none;margin:0 0 .8rem;padding:0;font-variant-numeric:tabular-nums}
.sums li{padding:.15rem 0}
code{font:.9em ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.two{display:grid;gap:0 1rem}
@media (min-width:52rem){.two{grid-template-columns:1fr 1fr}.two>*{min-width:0}}
figure{margin:0 0 1.6rem}
figure:last-child{margin-bottom:0}
figcaption{font-weight:600}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.3rem 0 0;padding:0;font-size:.875rem}
.legend svg{width:28px;height:10px;margin-right:.4rem}
.frame{padding:.7rem 1.4rem 1.6rem 3.7rem}
.plot{position:relative;height:13rem;border-left:1px solid var(--edge);border-bottom:1px solid var(--edge);
touch-action:pan-y}
.tall .plot{height:18rem}
.low .plot{height:6.5rem}
.plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible;pointer-events:none}
.grid{stroke:var(--grid);stroke-width:1;fill:none;vector-effect:non-scaling-stroke}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke-linecap:round;vector-effect:non-scaling-stroke;
stroke:var(--s0)}
.line.s1{stroke:var(--s1);stroke-dasharray:7 4}
.line.s2{stroke:var(--s2);stroke-dasharray:2 4}
.low .line.s2{stroke-dasharray:none}
.line.s3{stroke:var(--s3);stroke-dasharray:9 3 2 3}
.line.s4{stroke:var(--s4)}
.line.faint{stroke:var(--faint);stroke-width:1.25}
.line.dot{stroke-width:6;stroke-dasharray:none}
.bar,.bar.lost{fill:var(--bad);stroke:none}
.ys span,.xs span{position:absolute;font-size:.75rem;line-height:1;color:var(--soft);white-space:nowrap}
.ys span{right:calc(100% + .4rem);transform:translateY(50%)}
.xs span{top:calc(100% + .45rem);transform:translateX(-50%)}
.band{position:absolute;top:0;bottom:0;overflow:hidden;border-left:1px dashed var(--edge);
container-type:inline-size}
@container (max-width:2.6rem){.band.side span{display:none}}
@container (max-width:7.5rem){.band.thin span{display:none}}
.band span{position:absolute;top:.15rem;left:.3rem;right:0;font-size:.75rem;line-height:1.2;color:var(--soft);
white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
.band.side,.band.thin{background:var(--band)}
.band.lost{background:var(--bad-bg)}
.band.lost span,.band.thin span{top:auto;bottom:.25rem}
.band.lost span{color:var(--bad);font-weight:600;bottom:1.4rem}
.rule{position:absolute;top:0;bottom:0;width:0;border-left:1px solid var(--ink);opacity:.55;pointer-events:none}
.tip{position:absolute;top:1.2rem;z-index:1;background:var(--card);border:1px solid var(--edge);border-radius:.4rem;
padding:.3rem .55rem;font-size:.8125rem;line-height:1.4;pointer-events:none;white-space:nowrap;
box-shadow:0 2px 8px #0003;font-variant-numeric:tabular-nums}
details{margin-top:.2rem}
summary{cursor:pointer;color:var(--soft);font-size:.875rem;padding:.2rem 0}
details .scroll{max-height:20rem;overflow-y:auto}
footer{color:var(--soft);font-size:.8125rem;padding-bottom:2rem}
@media (max-width:30rem){section,.verdict{padding:.85rem .8rem}.frame{padding-left:3.3rem;padding-right:1rem}
.words tbody th{width:40%}
.tiles{grid-template-columns:1fr 1fr}.tiles dd{font-size:1.15rem}
.cards thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.cards tr{display:block;padding:.35rem 0;border-bottom:1px solid var(--grid)}
.cards td{display:block;text-align:left;border:0;padding:.05rem 0}}
@media print{body{background:#fff}section,.verdict{break-inside:avoid}}
)css";

const std::string_view kHtmlScript = R"js(
for (const figure of document.querySelectorAll('figure.chart')) {
  const plot = figure.querySelector('.plot');
  const rows = [...figure.querySelectorAll('tr[data-x]')];
  if (!rows.length) continue;
  const heads = [...figure.querySelectorAll('thead th')].map(head => head.textContent);
  const places = rows.map(row => Number(row.dataset.x));
  const rule = document.createElement('div');
  const tip = document.createElement('div');
  rule.className = 'rule';
  tip.className = 'tip';
  const hide = () => { rule.remove(); tip.remove(); };
  const show = event => {
    const box = plot.getBoundingClientRect();
    const x = (event.clientX - box.left) / box.width * 100;
    let best = 0;
    places.forEach((place, i) => { if (Math.abs(place - x) < Math.abs(places[best] - x)) best = i; });
    tip.replaceChildren(...[...rows[best].cells].map((cell, i) => {
      const line = document.createElement('div');
      line.textContent = heads[i] + ': ' + cell.textContent;
      return line;
    }));
    rule.style.left = places[best] + '%';
    plot.append(rule, tip);
    const right = places[best] / 100 * box.width + 10;
    const left = right + tip.offsetWidth > box.width ? Math.max(right - tip.offsetWidth - 20, 0) : right;
    tip.style.left = left + 'px';
  };
  plot.addEventListener('pointermove', show);
  plot.addEventListener('pointerdown', show);
  plot.addEventListener('pointerleave', hide);
}
)js";

}  // namespace mq_bench
