/// The style sheet of a report: light and dark, for a desk, a phone and paper.
public enum HTMLStyle {
    /// The whole sheet.
    public static let sheet = [colours, page, scorecard, tables, figures, gallery, paper]
        .joined(separator: "\n")

    private static let colours = """
        :root { color-scheme: light dark; --paper: #faf9f6; --card: #ffffff; --ink: #1d1c1a;
          --muted: #5f5b54; --line: #dcd8cf; --right: #2f6f5e; --wrong: #b23a2e; --smaller: #c39a3f;
          --none: #a8a399; --plain: #3b6795; --accent: #3b6795; --shade: #f1eee7; }
        @media (prefers-color-scheme: dark) { :root { --paper: #171614; --card: #211f1d;
          --ink: #edebe6; --muted: #b0aba1; --line: #3b3834; --right: #6fc0a6; --wrong: #f08c7e;
          --smaller: #d9b45c; --none: #7d786f; --plain: #8ab4e0; --accent: #8ab4e0;
          --shade: #2a2825; } }
        """

    private static let page = """
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; }
        body { margin: 0; background: var(--paper); color: var(--ink);
          font: 1rem/1.55 system-ui, "Segoe UI", "Helvetica Neue", "DejaVu Sans", sans-serif; }
        header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
        header { padding-top: 2.5rem; }
        h1, h2, h3 { font-family: Charter, "Bitstream Charter", "Iowan Old Style", Georgia,
          "DejaVu Serif", serif; font-weight: 600; line-height: 1.2; text-wrap: balance; }
        h1 { font-size: clamp(1.9rem, 5vw, 2.7rem); margin: 0; }
        h2 { font-size: 1.6rem; margin: 0 0 1rem; }
        h3 { font-size: 1.05rem; margin: 0 0 .5rem; }
        p { max-width: 46rem; margin: 0 0 1rem; }
        a { color: var(--accent); text-underline-offset: .2em; }
        code, #manifest td { overflow-wrap: anywhere; }
        .mark { font-variant-caps: all-small-caps; letter-spacing: .18em; color: var(--muted);
          margin: 0 0 .4rem; }
        .subtitle { font-size: 1.1rem; margin: .6rem 0 .2rem; max-width: none; }
        .seal { color: var(--muted); font-size: .8rem; max-width: none; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: 1rem; background: var(--card); padding: .5rem 1rem; }
        nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .3rem 1.2rem; padding: .8rem 0;
          margin: 1rem 0 0; border-block: 1px solid var(--line); font-size: .95rem; }
        nav a { display: inline-block; padding: .15rem 0; }
        section { padding: 2.2rem 0 .8rem; }
        section + section { border-top: 1px solid var(--line); }
        .note { color: var(--muted); font-size: .9rem; }
        .warning { border-left: .3rem solid var(--wrong); background: var(--shade);
          padding: .7rem 1rem; }
        .columns { display: grid; gap: 1.2rem 2.5rem; margin: 0 0 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 25rem), 1fr)); }
        .columns > div { min-width: 0; }
        .claims { margin: 0 0 1rem; padding-left: 1.2rem; }
        .claims li { margin-bottom: .25rem; overflow-wrap: anywhere; }
        footer { padding: 1.5rem 1.25rem 3rem; color: var(--muted); font-size: .9rem; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
        """

    private static let scorecard = """
        .tiles { list-style: none; margin: 1.5rem 0; padding: 0; display: grid; gap: 1rem;
          grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: .6rem;
          border-top: .3rem solid var(--plain); padding: 1rem 1.1rem; display: flex;
          flex-direction: column; }
        .tile.right { border-top-color: var(--right); }
        .tile.wrong { border-top-color: var(--wrong); }
        .tile.none { border-top-color: var(--none); }
        .tile .name { font-weight: 600; }
        .tile strong { font-size: 2.3rem; line-height: 1.25; font-weight: 600;
          font-variant-numeric: tabular-nums; letter-spacing: -.02em; }
        .tile.wrong strong { color: var(--wrong); }
        .tile .detail { font-size: .95rem; }
        .tile .interval { font-size: .85rem; color: var(--muted); margin-top: .35rem; }
        .bar { display: flex; height: 1.6rem; border-radius: .4rem; overflow: hidden; gap: 2px;
          margin: 0 0 .7rem; }
        .piece { flex: 1 1 0; min-width: 2px; }
        .right { background: var(--right); } .wrong { background: var(--wrong); }
        .smaller { background: var(--smaller); } .none { background: var(--none); }
        .plain { background: var(--plain); }
        .tile.right, .tile.wrong, .tile.none, .tile.plain { background: var(--card); }
        .legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; padding: 0;
          margin: 0 0 1.5rem; font-size: .9rem; }
        .legend li { display: flex; align-items: center; gap: .5rem; }
        span.swatch { width: .9rem; height: .9rem; border-radius: .2rem; flex: none; }
        svg.swatch { width: 26px; height: 12px; flex: none; }
        """

    private static let tables = """
        .scroll { overflow-x: auto; margin: 0 0 1.2rem; }
        table { border-collapse: collapse; width: 100%; font-size: .92rem;
          font-variant-numeric: tabular-nums; }
        caption { text-align: left; font-weight: 600; padding: 0 0 .5rem; }
        th, td { text-align: left; padding: .4rem .9rem .4rem 0; vertical-align: top;
          border-bottom: 1px solid var(--line); }
        th:last-child, td:last-child { padding-right: 0; }
        thead th { color: var(--muted); font-weight: 500; font-size: .85rem; vertical-align: bottom; }
        tbody th { font-weight: 400; }
        .number { text-align: right; }
        td.number { white-space: nowrap; }
        .emphasized > * { background: var(--shade); font-weight: 600; }
        #manifest td { font-family: ui-monospace, "DejaVu Sans Mono", monospace; font-size: .85rem; }
        #manifest th { white-space: nowrap; }
        @media (max-width: 40rem) { #manifest th { white-space: normal; overflow-wrap: anywhere;
          min-width: 9rem; } }
        details { margin: 0 0 1.2rem; }
        summary { cursor: pointer; color: var(--accent); padding: .3rem 0; margin-bottom: .5rem; }
        """

    private static let figures = """
        figure { margin: 0 0 1rem; max-width: 36rem; }
        figure > svg { display: block; width: 100%; height: auto; overflow: visible; }
        figcaption { color: var(--muted); font-size: .85rem; }
        figure .legend { margin: .4rem 0 .6rem; }
        svg text { fill: var(--ink); font-size: 13px; paint-order: stroke;
          stroke: var(--paper); stroke-width: 3px; stroke-linejoin: round; }
        svg text.name { font-size: 14px; }
        @media (max-width: 40rem) { svg text, svg text.name { font-size: 16px; } }
        .grid { stroke: var(--line); fill: none; }
        .axis { stroke: var(--muted); fill: none; }
        .line { fill: none; stroke: var(--accent); stroke-width: 2; }
        .line.accuracy { stroke: var(--right); stroke-width: 2.5; }
        .line.coverage { stroke: var(--ink); stroke-dasharray: 5 3; }
        .line.median { stroke: var(--ink); stroke-width: 3; }
        .band { stroke: none; fill: var(--right); }
        .band.pointwise { fill-opacity: .35; } .band.simultaneous { fill-opacity: .16; }
        .threat { stroke: var(--wrong); stroke-width: 1.5; fill: none; stroke-dasharray: 2 3; }
        .ceiling { stroke: var(--muted); stroke-width: 1.5; fill: none; stroke-dasharray: 8 4; }
        rect.right { fill: var(--right); } rect.wrong { fill: var(--wrong); }
        rect.plain, rect.change { fill: var(--plain); } rect.radii { fill: var(--right); }
        rect.box { fill-opacity: .55; }
        """

    private static let gallery = """
        .gallery { list-style: none; padding: 0; margin: 0 0 1.8rem; display: grid;
          gap: 1rem 1.5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); }
        .gallery li { font-size: .9rem; }
        .pictures { display: flex; gap: .4rem; margin-bottom: .35rem; }
        .pictures img { width: 5.6rem; height: auto; image-rendering: pixelated;
          border-radius: .25rem; border: 1px solid var(--line); background: var(--card); }
        """

    private static let paper = """
        @media print { :root { --paper: #fff; --card: #fff; --ink: #000; --muted: #444;
          --line: #bbb; --right: #2f6f5e; --wrong: #b23a2e; --smaller: #c39a3f; --none: #a8a399;
          --plain: #3b6795; --accent: #1d3c5c; --shade: #eee; color-scheme: light; }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          body { font-size: 10pt; } nav, .skip { display: none; } header { padding-top: 0; }
          section { padding: 1rem 0 .4rem; } .tile strong { font-size: 1.6rem; }
          .scroll { overflow: visible; } .columns { grid-template-columns: 1fr 1fr; }
          .tiles { grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: .5rem; }
          .tile, figure, tr, .gallery li, .bar { break-inside: avoid; }
          h2, h3, caption { break-after: avoid; } details::details-content { content-visibility: visible; } }
        """
}
