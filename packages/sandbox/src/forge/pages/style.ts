/** The whole look of the pages. Light and dark follow the system. */
export const STYLE = `
:root {
  color-scheme: light dark;
  --bg: #f6f7f9; --surface: #ffffff; --raised: #f1f3f6; --line: #d5dae1;
  --text: #1b2430; --muted: #566273; --link: #0b5cad; --focus: #0b5cad;
  --accent: #0f766e; --accent-text: #ffffff;
  --good: #1a7440; --good-bg: #e4f5ea; --good-line: #a9d9ba;
  --bad: #b42318; --bad-bg: #fdeceb; --bad-line: #f1b8b3;
  --warn: #8a5300; --warn-bg: #fff4de; --warn-line: #ecc987;
  --done: #6b3fa0; --done-bg: #f2eafb; --done-line: #cdb5e8;
  --add-bg: #e6f6ea; --add-mark: #c3e9ce; --del-bg: #fdecec; --del-mark: #f8cfcd;
  --hunk-bg: #eaf1fa; --hunk: #3f5673;
  --header: #12202f; --header-text: #e9eff5;
  --shadow: 0 1px 2px rgb(16 30 46 / 6%), 0 2px 8px rgb(16 30 46 / 4%);
  --mono: ui-monospace, "SF Mono", "Cascadia Code", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --bg: #0e141b; --surface: #161e28; --raised: #1d2733; --line: #314052;
    --text: #e4eaf1; --muted: #9fadbd; --link: #7cb8f5; --focus: #7cb8f5;
    --accent: #2dd4bf; --accent-text: #04211d;
    --good: #6fd595; --good-bg: #12291c; --good-line: #2a5b3d;
    --bad: #ff9f96; --bad-bg: #331917; --bad-line: #6d312c;
    --warn: #f0c067; --warn-bg: #2e2410; --warn-line: #65501f;
    --done: #cda9f7; --done-bg: #261a37; --done-line: #523a74;
    --add-bg: #12291c; --add-mark: #1d4a2e; --del-bg: #331a1a; --del-mark: #5b2826;
    --hunk-bg: #1a2736; --hunk: #a5bcd6;
    --header: #0a1017; --header-text: #e4eaf1;
    --shadow: 0 1px 2px rgb(0 0 0 / 40%);
  }
}
* { box-sizing: border-box; }
html { font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; }
body { margin: 0; background: var(--bg); color: var(--text); min-height: 100vh; }
a { color: var(--link); text-decoration: none; }
a:hover, .prose a { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 4px; }
h1, h2, h3 { line-height: 1.25; margin: 0; font-weight: 650; }
h1 { font-size: 1.6rem; letter-spacing: -0.01em; } h2 { font-size: 1.1rem; } h3 { font-size: 1rem; }
code, pre, .mono { font-family: var(--mono); font-size: 0.875em; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -999px; } .skip:focus { left: 12px; top: 8px; background: var(--surface); padding: 8px 12px; z-index: 9; }
.muted { color: var(--muted); } .small { font-size: 0.87rem; } .nowrap { white-space: nowrap; }
.top { background: var(--header); color: var(--header-text); }
.top .in { display: flex; gap: 20px; align-items: center; min-height: 52px; }
.top a { color: inherit; } .brand { display: inline-flex; gap: 10px; align-items: center; font-weight: 650; font-size: 1.05rem; }
.top nav { flex: 1; } .top form { margin: 0; display: flex; gap: 12px; align-items: center; }
.top button { background: transparent; color: inherit; border-color: rgb(255 255 255 / 30%); padding: 4px 12px; }
.top :focus-visible { outline-color: #9ed0ff; }
.in { max-width: 1160px; margin: 0 auto; padding: 0 20px; }
main.in { padding-top: 26px; padding-bottom: 64px; }
.repo-head { display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; margin-bottom: 4px; }
.repo-head h1, .repo-head p { font-size: 1.3rem; margin: 0; } .repo-head .owner { font-weight: 400; }
.tabs { display: flex; gap: 4px; border-bottom: 1px solid var(--line); margin: 12px 0 22px; }
.tabs a { color: var(--muted); padding: 9px 14px; border-bottom: 2px solid transparent; margin-bottom: -1px; font-weight: 550; }
.tabs a:hover { text-decoration: none; color: var(--text); } .tabs a[aria-current] { color: var(--text); border-color: var(--accent); }
.count { background: var(--raised); border: 1px solid var(--line); border-radius: 99px; padding: 0 8px; font-size: 0.8rem; margin-left: 6px; color: var(--text); }
.box { background: var(--surface); border: 1px solid var(--line); border-radius: 10px; box-shadow: var(--shadow); margin-bottom: 20px; }
.box > header { padding: 11px 16px; border-bottom: 1px solid var(--line); display: flex; flex-wrap: wrap; gap: 8px 12px; align-items: center; background: var(--raised); border-radius: 10px 10px 0 0; }
.box > .pad { padding: 14px 16px; }
.rows { list-style: none; margin: 0; padding: 0; }
.rows > li { padding: 13px 16px; display: flex; gap: 14px; align-items: flex-start; }
.rows > li + li { border-top: 1px solid var(--line); }
.rows .what { flex: 1; min-width: 0; } .rows .what > a { font-weight: 600; overflow-wrap: anywhere; }
.empty { padding: 40px 20px; text-align: center; color: var(--muted); }
.chip { display: inline-flex; gap: 6px; align-items: center; border: 1px solid var(--line); border-radius: 99px; padding: 1px 10px; font-size: 0.82rem; font-weight: 550; background: var(--raised); white-space: nowrap; }
.chip.open, .chip.good { color: var(--good); background: var(--good-bg); border-color: var(--good-line); }
.chip.merged, .chip.done { color: var(--done); background: var(--done-bg); border-color: var(--done-line); }
.chip.closed, .chip.bad { color: var(--bad); background: var(--bad-bg); border-color: var(--bad-line); }
.chip.draft, .chip.warn { color: var(--warn); background: var(--warn-bg); border-color: var(--warn-line); }
.chip.big { font-size: 0.92rem; padding: 4px 14px; }
.ref { font-family: var(--mono); font-size: 0.82rem; background: var(--raised); border: 1px solid var(--line); border-radius: 6px; padding: 1px 7px; overflow-wrap: anywhere; }
.title { display: flex; flex-wrap: wrap; gap: 4px 12px; align-items: baseline; margin-bottom: 10px; } .title .number { font-weight: 400; color: var(--muted); }
.meta { display: flex; flex-wrap: wrap; gap: 8px 10px; align-items: center; color: var(--muted); margin-bottom: 22px; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr) 270px; gap: 28px; align-items: start; }
.side section + section { border-top: 1px solid var(--line); padding-top: 14px; margin-top: 14px; }
.side h2 { font-size: 0.85rem; color: var(--muted); margin-bottom: 8px; } .side ul { list-style: none; margin: 0; padding: 0; display: grid; gap: 8px; }
.side li { display: flex; justify-content: space-between; gap: 8px; align-items: center; }
@media (max-width: 860px) { .columns { grid-template-columns: minmax(0, 1fr); } }
.who { display: inline-flex; align-items: center; gap: 8px; font-weight: 600; }
.avatar { width: 24px; height: 24px; border-radius: 50%; display: inline-grid; place-items: center; font-size: 0.7rem; font-weight: 700; color: #fff; flex: none; }
.a0{background:#0b6e69}.a1{background:#7a3fae}.a2{background:#a2441b}.a3{background:#25689f}.a4{background:#8a2f5c}.a5{background:#3f6b22}
.event { display: flex; gap: 10px; align-items: center; flex-wrap: wrap; margin: 0 0 20px 14px; padding-left: 14px; border-left: 2px solid var(--line); color: var(--muted); font-size: 0.92rem; }
.event b, .event .who { color: var(--text); }
.prose { overflow-wrap: anywhere; } .prose > :first-child { margin-top: 0; } .prose > :last-child { margin-bottom: 0; }
.prose p, .prose ul, .prose ol, .prose pre, .prose table, .prose blockquote { margin: 0 0 12px; } .prose h2, .prose h3, .prose h4, .prose h5 { margin: 18px 0 8px; }
.prose pre, .file-text { background: var(--raised); border-radius: 8px; padding: 12px; overflow-x: auto; } .prose code { background: var(--raised); border-radius: 4px; padding: 1px 5px; } .prose pre code { padding: 0; }
.prose table { border-collapse: collapse; display: block; overflow-x: auto; } .prose th, .prose td { border: 1px solid var(--line); padding: 5px 12px; text-align: left; } .prose th { background: var(--raised); }
.prose blockquote { border-left: 3px solid var(--line); padding-left: 14px; color: var(--muted); }
.state { border-left: 4px solid var(--line); } .state .pad > p { margin: 4px 0 0; } .state h2 { display: flex; gap: 10px; align-items: center; }
.state.good { border-left-color: var(--good); } .state.good h2 { color: var(--good); } .state.bad { border-left-color: var(--bad); } .state.bad h2 { color: var(--bad); }
.state.warn { border-left-color: var(--warn); } .state.warn h2 { color: var(--warn); } .state.done { border-left-color: var(--done); } .state.done h2 { color: var(--done); }
.alert { border: 1px solid var(--bad-line); background: var(--bad-bg); color: var(--bad); border-radius: 10px; padding: 11px 16px; margin-bottom: 20px; font-weight: 550; }
button, .button { font: inherit; font-weight: 600; border: 1px solid var(--line); background: var(--surface); color: var(--text); border-radius: 8px; padding: 7px 16px; cursor: pointer; display: inline-block; }
button:hover, .button:hover { border-color: var(--muted); text-decoration: none; }
.primary { background: var(--accent); color: var(--accent-text); border-color: transparent; } .primary:hover { filter: brightness(1.08); border-color: transparent; }
.approve { color: var(--good); border-color: var(--good-line); background: var(--good-bg); } .reject { color: var(--bad); border-color: var(--bad-line); background: var(--bad-bg); }
.actions { display: flex; flex-wrap: wrap; gap: 10px; align-items: center; margin-top: 12px; } .actions .push { margin-left: auto; } header .actions { margin-top: 0; }
label { font-weight: 550; } input[type=text], input[type=password], textarea, select { font: inherit; width: 100%; background: var(--surface); color: var(--text); border: 1px solid var(--muted); border-radius: 8px; padding: 8px 11px; }
textarea { min-height: 92px; resize: vertical; display: block; margin-top: 6px; } select { width: auto; } .field { margin-bottom: 14px; } .field label { display: block; margin-bottom: 5px; }
.check { display: flex; gap: 8px; align-items: center; font-weight: 400; }
details.confirm > summary { list-style: none; width: fit-content; margin-top: 12px; } details.confirm > summary::-webkit-details-marker { display: none; }
details.confirm[open] > summary { display: none; } details.confirm h3 { margin-top: 18px; }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 6px 18px; margin: 12px 0 16px; } .facts dt { color: var(--muted); } .facts dd { margin: 0; overflow-wrap: anywhere; }
.diff { overflow: hidden; } .diff > details > summary { padding: 10px 16px; cursor: pointer; display: flex; gap: 10px; align-items: center; flex-wrap: wrap; background: var(--raised); border-radius: 10px; }
.diff > details[open] > summary { border-bottom: 1px solid var(--line); border-radius: 10px 10px 0 0; } .diff .path { font-family: var(--mono); font-size: 0.86rem; font-weight: 600; overflow-wrap: anywhere; flex: 1; }
.scroll { overflow-x: auto; } .lines { border-collapse: collapse; width: 100%; font-family: var(--mono); font-size: 0.81rem; line-height: 1.55; tab-size: 4; }
.lines td { padding: 0; vertical-align: top; } .lines .n { width: 1%; min-width: 44px; padding: 0 10px; text-align: right; color: var(--muted); user-select: none; border-right: 1px solid var(--line); }
.lines .m { width: 1%; padding: 0 4px 0 12px; user-select: none; } .lines .t { white-space: pre-wrap; padding-left: 8px; overflow-wrap: anywhere; padding-right: 14px; }
.lines .added { background: var(--add-bg); } .lines .added .n, .lines .added .m { background: var(--add-mark); color: var(--text); } .lines .removed { background: var(--del-bg); } .lines .removed .n, .lines .removed .m { background: var(--del-mark); color: var(--text); }
.lines .hunk td { background: var(--hunk-bg); color: var(--hunk); padding: 4px 14px; } .lines .note td { color: var(--muted); font-style: italic; }
.plus { color: var(--good); font-weight: 600; } .minus { color: var(--bad); font-weight: 600; } .stat { font-family: var(--mono); font-size: 0.84rem; white-space: nowrap; }
.section { display: flex; align-items: baseline; gap: 12px; margin: 30px 0 12px; }
.files { width: 100%; border-collapse: collapse; } .files td { padding: 9px 16px; border-top: 1px solid var(--line); } .files tr:first-child td { border-top: 0; }
.crumbs a { text-decoration: underline; } .state code, .prose code { overflow-wrap: anywhere; } .crumbs { font-family: var(--mono); font-size: 0.9rem; overflow-wrap: anywhere; } .icon { width: 16px; height: 16px; flex: none; vertical-align: -3px; fill: currentColor; }
.login { max-width: 380px; margin: 6vh auto 0; } .login h1 { margin-bottom: 16px; font-size: 1.35rem; } .login button { width: 100%; }
@media (max-width: 560px) { .top .who-name { display: none; } }
`;
