// Draws each <figure data-chart="kind" data-source="#id"> from the JSON beside it, {"table": {columns, rows}, "options"};
// the same table stands in the page for those who have no scripts, or want the figures. Kinds: line, bar, stacked,
// funnel, map (map.js). Options: target, unit ("%"), forecast (columns drawn dotted), max, pieces (map).
(() => {
  if (!globalThis.echarts) return;
  const scheme = matchMedia("(prefers-color-scheme: dark)");
  const A_DAY = 86_400_000;
  let printing = false;
  const isDark = () => scheme.matches && !printing;
  const calm = { animation: false };

  function look() {
    const style = getComputedStyle(document.documentElement);
    const get = (name) => style.getPropertyValue(name).trim();
    const own = (name, onPaper) => (printing ? onPaper : get(name));
    return { ink: own("--ink", "#191d26"), quiet: own("--quiet", "#515a70"), line: own("--line", "#d4d9ea"), brand: own("--brand", "#3860ed"),
      paper: own("--paper", "#ffffff"), dark: isDark(),
      // Told apart by lightness too: they survive print in grey and colour blindness.
      row: isDark() ? ["#7d9dff", "#3c528f", "#f0a04b", "#5a6277"] : ["#3860ed", "#b7c6fb", "#b85c00", "#c3c8d6"] };
  }
  const words = (colours, size = 12) => ({ fontFamily: "arial, sans-serif", color: colours.ink, fontSize: size });
  const format = (value, unit) => {
    if (value === null || value === undefined) return "";
    const text = Number(value).toLocaleString(document.documentElement.lang, { maximumFractionDigits: 1 });
    return unit ? `${text}\u00a0${unit}` : text;
  };
  const axes = (colours) => ({ axisLine: { lineStyle: { color: colours.quiet } }, axisTick: { show: false }, axisLabel: { ...words(colours), hideOverlap: true } });
  const scale = (colours, options) => ({ type: "value", max: options.max, minInterval: options.unit ? 0 : 1, splitLine: { lineStyle: { color: colours.line } },
    axisLabel: { ...words(colours), formatter: (value) => format(value, options.unit) } });
  const hint = (colours, options, trigger = "axis") => ({ trigger, renderMode: "richText", confine: true, backgroundColor: colours.paper, borderColor: colours.line,
    textStyle: words(colours, 13), valueFormatter: (value) => format(value, options.unit) || "–" });
  const isDay = (text) => /^\d{4}-\d{2}-\d{2}/.test(text);
  const lightness = (hex) => { const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)); return 0.299 * r + 0.587 * g + 0.114 * b; };
  const over = (colour) => (lightness(colour) > 140 ? "#191d26" : "#ffffff");

  function line(table, options, colours) {
    const days = table.rows.length > 0 && table.rows.every((row) => isDay(String(row[0])));
    const names = table.columns.slice(1);
    const forecast = new Set(options.forecast ?? []);
    const solid = names.filter((name) => !forecast.has(name));
    const series = names.map((name, at) => {
      const colour = forecast.has(name) || solid.length === 1 ? colours.brand : colours.row[at % colours.row.length];
      return { name, type: "line", symbol: table.rows.length > 40 ? "none" : "circle", symbolSize: 5, connectNulls: true, color: colour,
        lineStyle: { width: 2, type: forecast.has(name) ? "dotted" : "solid" }, data: table.rows.map((row) => (days ? [row[0], row[at + 1]] : row[at + 1])),
        areaStyle: at === 0 && solid.length === 1 ? { opacity: 0.1 } : undefined,
        endLabel: { show: names.length > 1, formatter: () => name, ...words(colours) }, labelLayout: { moveOverlap: "shiftY" },
        markLine: at === 0 && options.target !== undefined ? { silent: true, symbol: "none", lineStyle: { color: colours.quiet, type: "dashed", width: 1 },
          label: { position: "insideStartTop", formatter: () => `${options.targetLabel ?? ""} ${format(options.target, options.unit)}`.trim(), ...words(colours) },
          data: [{ yAxis: options.target }] } : undefined };
    });
    const most = Math.max(options.target ?? 0, ...table.rows.flatMap((row) => row.slice(1).map(Number)));
    return { ...calm, grid: { left: 8, right: names.length > 1 ? 90 : 16, top: 14, bottom: 10, containLabel: true }, tooltip: hint(colours, options),
      xAxis: { type: days ? "time" : "category", boundaryGap: false, data: days ? undefined : table.rows.map((row) => row[0]), ...axes(colours), minInterval: days ? A_DAY : undefined, splitLine: { show: false } },
      yAxis: { ...scale(colours, options), max: options.max ?? (most ? undefined : 1) }, series };
  }

  function columns(table, options, colours, stack) {
    const names = table.columns.slice(1);
    const series = names.map((name, at) => {
      const colour = names.length === 1 ? colours.brand : colours.row[at % colours.row.length];
      return { name, type: "bar", stack: stack ? "all" : undefined, barMaxWidth: 46, barCategoryGap: "35%", color: colour, data: table.rows.map((row) => row[at + 1]),
        label: { show: table.rows.length <= 12, position: stack ? "inside" : "top", formatter: (one) => (one.value ? format(one.value, options.unit) : ""),
          ...words(colours, 11), color: stack ? over(colour) : colours.ink },
        labelLayout: { hideOverlap: true },
        markLine: at === 0 && options.target !== undefined ? { silent: true, symbol: "none", lineStyle: { color: colours.quiet, type: "dashed" },
          label: { position: "insideEndTop", formatter: () => format(options.target, options.unit), ...words(colours) }, data: [{ yAxis: options.target }] } : undefined };
    });
    const legend = names.length > 1 ? { left: 0, top: 0, icon: "rect", itemWidth: 12, itemHeight: 10, textStyle: words(colours) } : undefined;
    return { ...calm, grid: { left: 8, right: 8, top: legend ? 34 : 20, bottom: 4, containLabel: true }, legend, tooltip: hint(colours, options),
      xAxis: { type: "category", data: table.rows.map((row) => row[0]), ...axes(colours) }, yAxis: scale(colours, options), series };
  }

  function funnel(table, options, colours) {
    const values = table.rows.map((row) => row[1]);
    const share = (at) => (at && values[at - 1] ? `  (${format(Math.round((100 * values[at]) / values[at - 1]), "%")})` : "");
    return { ...calm, grid: { left: 4, right: 84, top: 4, bottom: 4, containLabel: true }, tooltip: { show: false },
      xAxis: { type: "value", show: false, max: Math.max(...values, 1) },
      yAxis: { type: "category", inverse: true, data: table.rows.map((row) => row[0]), axisLine: { show: false }, axisTick: { show: false }, axisLabel: words(colours, 13) },
      series: [{ type: "bar", barMaxWidth: 24, data: values, itemStyle: { color: colours.brand, borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: "right", formatter: (one) => `${format(one.value)}${share(one.dataIndex)}`, ...words(colours, 13) } }] };
  }

  const kinds = { line, funnel, bar: (...all) => columns(...all, false), stacked: (...all) => columns(...all, true), map: (...all) => globalThis.liaisonMap?.(...all, { words, hint, calm }) };

  async function draw(figure) {
    const { table, options } = figure.liaison;
    const option = await kinds[figure.dataset.chart]?.(table, options ?? {}, look());
    if (!option) return; // a map without scripts, or of a network that is not on it: the table stays open
    const box = figure.querySelector(".chart__box");
    if (box.hidden) {
      box.hidden = false;
      figure.querySelector("[data-fold]")?.removeAttribute("open");
    }
    figure.chart ??= echarts.init(box, null, { renderer: "svg" });
    figure.chart.setOption(option, true);
    // The picture repeats the table: one name for a screen reader, its parts are of no use there.
    box.querySelector("svg")?.setAttribute("aria-hidden", "true");
  }

  function retell(figure, table) {
    figure.liaison.table = table;
    const body = figure.querySelector("tbody");
    body?.replaceChildren(...table.rows.map((row) => {
      const line = document.createElement("tr");
      line.append(...row.map((cell, at) => {
        const element = document.createElement(at ? "td" : "th");
        if (at) element.className = "n"; else element.scope = "row";
        element.textContent = cell === null ? "–" : typeof cell === "number" ? format(cell) : cell;
        return element;
      }));
      return line;
    }));
    draw(figure);
  }

  const figures = [...document.querySelectorAll("figure[data-chart]")];
  const resized = new ResizeObserver((entries) => { for (const { target } of entries) target.closest("figure").chart?.resize(); });
  for (const figure of figures) {
    figure.liaison = JSON.parse(document.querySelector(figure.dataset.source).textContent);
    draw(figure);
    resized.observe(figure.querySelector(".chart__box"));
  }
  scheme.addEventListener("change", () => figures.forEach(draw));
  for (const [name, state] of [["beforeprint", true], ["afterprint", false]])
    addEventListener(name, () => { printing = state; figures.forEach(draw); });
  document.addEventListener("liaison:live", ({ detail }) => {
    for (const [id, table] of Object.entries(detail.charts ?? {})) {
      const figure = document.getElementById(id);
      if (figure?.liaison && JSON.stringify(figure.liaison.table.rows) !== JSON.stringify(table.rows)) retell(figure, table);
    }
  });
})();
