#include "report/html_style.hpp"

namespace paramcount {

std::string html_style() {
  return R"(:root {
  color-scheme: light dark;
  --paper: #fff; --ink: #1a1a1a; --dim: #5f5f5f; --line: #e2e2e2; --bar: #0f7c90;
  --good: #1a7f37; --bad: #b3261e; --caution: #8a5a00;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #16181b; --ink: #e6e6e6; --dim: #9a9fa6; --line: #2f3338; --bar: #46b8cc;
    --good: #5cc97a; --bad: #f2877f; --caution: #d9ab52;
  }
}
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.25rem 2rem; }
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
h1, h2, h3 { font-size: 1.15rem; margin: 0; overflow-wrap: anywhere; }
header h1, header h2 { font-size: 1.5rem; margin: 1rem 0 0; }
p { margin: 0.25rem 0 0; overflow-wrap: anywhere; }
.tables { display: flex; flex-wrap: wrap; align-items: flex-start; gap: 0 3.5rem; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; margin-top: 1.5rem; }
caption { text-align: left; font-weight: 600; padding-bottom: 0.2rem; }
th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: right; white-space: nowrap; vertical-align: baseline; }
th:first-child, td:first-child { min-width: 11rem; }
thead th { border-bottom: 1px solid var(--line); font-weight: normal; }
th:first-child, .left td, .left th, .remark { text-align: left; }
tbody th { font-weight: normal; white-space: pre-wrap; overflow-wrap: anywhere; }
.remark { padding-left: 0.4rem; }
.detail td { padding: 0 0 0.35rem 1.5rem; text-align: left; white-space: normal; color: var(--dim); }
.section th { padding-top: 0.9rem; }
.fill { width: 100%; padding: 0; }
.strong { font-weight: 600; }
.dim, .notes { color: var(--dim); }
.good { color: var(--good); }
.bad { color: var(--bad); }
.caution { color: var(--caution); }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
.notes { margin: 2rem 0 0; padding: 0; list-style: none; font-size: 0.9rem; max-width: 52rem; }
.notes li { margin-top: 0.2rem; overflow-wrap: anywhere; }
.bar { display: inline-block; vertical-align: -0.1em; }
.bar rect { fill: var(--bar); }
.plots { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)); gap: 2.5rem 3.5rem;
  margin-top: 2.5rem; }
figure { margin: 0; min-width: 0; }
figcaption { margin-bottom: 0.8rem; }
.plot { display: block; overflow: visible; }
details { margin-top: 0.4rem; font-size: 0.9rem; }
summary { color: var(--dim); cursor: pointer; }
details table { margin-top: 0.4rem; }
@media (max-width: 44rem) {
  .tables, .tables table { display: block; width: 100%; }
  .tables table:not(.fold) { display: table; }
  th:first-child, td:first-child { min-width: 0; }
  .bar { display: none; }
  .fold, .fold tbody { display: block; }
  .fold caption { display: block; }
  .fold thead, .fold td:empty, .fold td.fill { display: none; }
  .fold tr { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 0 1.5rem;
    padding: 0.3rem 0; border-top: 1px solid var(--line); }
  .fold th, .fold td { display: flex; flex-wrap: wrap; justify-content: flex-end; gap: 0 0.75rem; padding: 0;
    white-space: normal; overflow-wrap: anywhere; text-align: right; }
  .fold td[data-label]::before { content: attr(data-label); color: var(--dim); text-align: left; margin-right: auto; }
  .broad tr { grid-template-columns: 1fr; }
  .fold tbody th, .fold td:not([data-label]), .left.fold td { grid-column: 1 / -1; justify-content: flex-start;
    text-align: left; }
  .fold tbody th { font-weight: 600; }
  .fold td.dim:not([data-label]):not(.remark) { display: none; }
}
@media print {
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  figure, tr, .notes li { break-inside: avoid; }
  details { display: none; }
}
)";
}

}  // namespace paramcount
