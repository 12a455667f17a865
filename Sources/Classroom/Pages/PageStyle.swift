/// The rules of the classroom's pages, after those of every page.
enum PageStyle {
  /// Blue is right and orange wrong, which all readers can tell apart; each has its sign too. All texts have a contrast
  /// of 4.5 to 1 on their ground at least.
  static let sheet = """
    :root{--good:#00639c;--bad:#a84600;--soft-good:#e6f1f8;--soft-bad:#fcefe4;--fill:#0072b2}
    @media(prefers-color-scheme:dark){:root{--good:#7cc4f2;--bad:#f2a05f;--soft-good:#1c2c38;--soft-bad:#35271c;\
    --fill:#56b4e9}}
    h1,h2,h3,li,p,dd{overflow-wrap:anywhere}td,th{overflow-wrap:break-word}\
    thead th{vertical-align:bottom;word-break:keep-all}
    h3{font-size:16px;line-height:1.4;margin:0}
    a{color:var(--accent);text-underline-offset:2px}
    a:focus-visible,pre:focus-visible,summary:focus-visible,button:focus-visible,.scroll:focus-visible{outline:2px solid \
    var(--accent);outline-offset:2px}
    code{font:.88em ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Noto Sans Mono CJK SC",monospace}
    p code,li code,td code{background:var(--tint);padding:1px 5px;border-radius:4px;overflow-wrap:anywhere;\
    -webkit-box-decoration-break:clone;box-decoration-break:clone}
    ul{margin:0 0 16px;padding-left:22px}li{margin:0 0 6px}
    pre{tab-size:4;max-height:480px;overflow:auto;margin:10px 0}
    .reader-only{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
    .result,.panel{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:16px 20px;margin:0 0 24px}
    .panel.scroll{padding:4px 8px}
    .score{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;margin:0 0 8px}
    .big{font-size:34px;line-height:1.2;font-variant-numeric:tabular-nums}
    .lead{margin:0}.reasons{margin:12px 0 0}
    .badge{font-size:14px;font-weight:600;border:1px solid;border-radius:99px;padding:1px 12px;white-space:nowrap}
    .badge.good{color:var(--good)}.badge.bad{color:var(--bad)}
    .bar{display:block;min-width:90px;height:12px;background:var(--page);border:1px solid var(--rule);border-radius:3px;\
    overflow:hidden}
    .bar>span{display:block;height:100%;background:var(--fill)}
    .overview th[scope=row]{min-width:130px;color:var(--text);font-weight:400;border-bottom-width:1px}
    .overview .wide-cell{width:18%}.overview .bar{margin-top:4px}
    .standing{white-space:nowrap}.dropped{display:block;color:var(--soft);font-size:14px}
    tbody tr:last-child th{border-bottom:0}
    .exercise>h2{margin-bottom:2px}
    .meta{color:var(--soft);font-size:15px}
    .checks{list-style:none;margin:12px 0;padding:0;background:var(--panel);border:1px solid var(--rule);\
    border-radius:8px}
    .check{padding:10px 16px;margin:0;border-bottom:1px solid var(--rule);border-left:4px solid var(--rule)}
    .check:first-child{border-top-left-radius:8px}.check:last-child{border-bottom:0;border-bottom-left-radius:8px}
    .check.good{border-left-color:var(--good)}.check.bad{border-left-color:var(--bad)}
    .check h3{display:flex;gap:10px;font-weight:500}
    .check.bad h3{font-weight:600}
    .sign{flex:none;width:16px;font-weight:700;color:var(--soft)}
    .good .sign{color:var(--good)}.bad .sign{color:var(--bad)}
    .what{flex:1;min-width:0}
    .points{flex:none;color:var(--soft);font-weight:400;font-size:15px;text-align:right}
    .outcome::after{content:" · "}
    .bad .outcome{color:var(--bad);font-weight:600}
    .check pre,.check .hint,.check details{margin:10px 0 4px 26px}
    .check details pre{margin-left:0}
    pre{white-space:pre-wrap;overflow-wrap:anywhere}
    pre.message{background:var(--soft-bad);border-color:transparent}
    summary{cursor:pointer;color:var(--accent);font-size:15px}
    .hint{font-size:16px}
    .home{font-size:15px;color:var(--soft);margin:0 0 4px}.home code{color:var(--text)}
    .cut{font-size:14px;color:var(--soft);margin:4px 0 10px}
    .check .cut{margin-left:26px}
    @media(max-width:560px){main{padding:16px 12px 48px}h1{font-size:25px}.result{padding:14px}
    .overview .wide-cell{display:none}.overview td,.overview th{padding:7px 6px}.standing{white-space:normal}
    .check{padding:10px 12px}.check h3{flex-wrap:wrap}.what{flex:1 1 70%}.points{flex:1 1 100%;text-align:left;\
    padding-left:26px}.check pre,.check .hint,.check details,.check .cut{margin-left:0}}
    @media print{:root{--page:#fff;--panel:#fff;--text:#000;--soft:#444;--rule:#bbb;--accent:#004f80;--tint:#f2f2f2;\
    --good:#004f80;--bad:#8a3a00;--soft-bad:#f6f6f6;--soft-good:#f6f6f6;--fill:#0072b2}
    .chart{--paper:#fff;--ink:#000;--muted:#444;--grid:#ddd;--axis:#777;--c1:#0072b2}
    body{font-size:10.5pt;line-height:1.4}main{max-width:none;padding:0}h1{font-size:18pt}h2{font-size:13pt;\
    margin-top:18pt}h2,h3,thead,.meta{break-after:avoid}.check details:not([open]){display:none}h3{font-size:10.5pt}.check,tr,.result{break-inside:avoid}
    pre{max-height:none;overflow:visible;font-size:8.5pt}.scroll{overflow:visible}table{font-size:9.5pt}
    .bar,.bar>span,.part{print-color-adjust:exact;-webkit-print-color-adjust:exact}a{color:inherit;text-decoration:none}
    .toolbar{display:none}}

    """
}

extension PageStyle {
  /// The rules of the class page alone.
  static let classSheet = """
    main{max-width:1080px}p.meta{max-width:80ch}
    .facts{display:flex;flex-wrap:wrap;gap:12px;margin:0 0 20px}
    .facts div{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:10px 16px;min-width:110px}
    .facts dt{color:var(--soft);font-size:14px}
    .facts dd{margin:0;font-size:22px;font-weight:600;font-variant-numeric:tabular-nums}
    .toolbar{margin:0 0 20px}
    .warning{border-left:4px solid var(--bad)}.warning h2{margin:0 0 8px;font-size:18px}
    h3{margin:24px 0 10px}
    tbody th[scope=row]{color:var(--text);font-weight:500;border-bottom-width:1px;min-width:170px}
    .wide-cell{width:22%}.wide-cell .bar{margin-top:4px}
    .parts{display:flex}
    .part{display:block;height:100%}
    .part.solved{background:var(--fill)}
    .part.partly{background:repeating-linear-gradient(135deg,var(--fill) 0 2px,var(--panel) 2px 6px)}
    .part.none{background:repeating-linear-gradient(90deg,var(--bad) 0 2px,var(--panel) 2px 5px)}
    .key.part{display:inline-block;width:12px;height:12px;border:1px solid var(--axis,#8b8984);border-radius:2px;\
    margin-right:5px;vertical-align:-1px}
    .saying{display:block;color:var(--soft);font-size:14px;font-weight:400}
    th code{background:none;padding:0}
    .check-name{width:38%;min-width:180px}.exercise-name{color:var(--soft);min-width:180px}
    .sortable th button{color:inherit;border:0;padding:2px 4px;font-weight:600;white-space:nowrap}
    .sortable th[aria-sort=ascending] button::after{content:" ▲"}
    .sortable th[aria-sort=descending] button::after{content:" ▼"}
    .sortable tbody th[scope=row]{min-width:150px;max-width:320px;overflow-wrap:anywhere}\
    td code,th code,.saying,.who{overflow-wrap:anywhere}.who{min-width:200px}
    .sortable td,.sortable th{padding:5px 8px}
    .sortable thead th{white-space:nowrap}
    .done{color:var(--good)}.broken{color:var(--bad)}
    @media(max-width:560px){.facts div{flex:1 1 40%;padding:8px 12px}.wide-cell{display:none}th,td{padding:6px 8px}}
    @media print{.sortable th button{padding:0}}

    """
}
