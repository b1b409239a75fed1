// The map of Europe for charts.js: members by their code in the table's first column, their figure in the second.
(() => {
  // ISO 3166 numbers, by which world-atlas knows countries; EL and UK as the institutions write them.
  const NUMBERS = { BE: "056", BG: "100", CZ: "203", DK: "208", DE: "276", EE: "233", IE: "372", EL: "300", ES: "724", FR: "250", HR: "191", IT: "380",
    CY: "196", LV: "428", LT: "440", LU: "442", HU: "348", MT: "470", NL: "528", AT: "040", PL: "616", PT: "620", RO: "642", SI: "705", SK: "703",
    FI: "246", SE: "752", IS: "352", LI: "438", NO: "578", CH: "756", UK: "826", AL: "008", BA: "070", ME: "499", MK: "807", RS: "688", MD: "498",
    UA: "804", BY: "112", TR: "792" };
  const CODES = Object.fromEntries(Object.entries(NUMBERS).map(([code, number]) => [number, code]));
  const UNNUMBERED = ["Kosovo", "N. Cyprus"]; // drawn without figures, as their neighbours are
  // Europe only: no overseas parts, no far north.
  const inside = ([lon, lat]) => lon > -25 && lon < 42 && lat > 34 && lat < 71.5 && !(lon < -12 && lat < 60);
  const rad = Math.PI / 180, lat0 = 52 * rad, lon0 = 10 * rad;

  // Lambert's azimuthal projection keeps areas true, so that no member looks larger than it is.
  function lambert([lon, lat]) {
    const [x, y] = [lon * rad - lon0, lat * rad];
    const k = Math.sqrt(2 / (1 + Math.sin(lat0) * Math.sin(y) + Math.cos(lat0) * Math.cos(y) * Math.cos(x)));
    return [(k * Math.cos(y) * Math.sin(x)) / rad, (-k * (Math.cos(lat0) * Math.sin(y) - Math.sin(lat0) * Math.cos(y) * Math.cos(x))) / rad];
  }

  let known;
  function europe() {
    known ??= fetch(document.querySelector("[data-world]")?.dataset.world ?? "/assets/countries-50m.json").then((answer) => {
      if (!answer.ok) throw new Error(`map: ${answer.status}`);
      return answer.json();
    }).then((world) => {
      const features = topojson.feature(world, world.objects.countries).features
        .filter((one) => one.id in CODES || UNNUMBERED.includes(one.properties.name))
        .map((one) => ({ type: "Feature", properties: { name: CODES[one.id] ?? one.properties.name }, geometry: { type: "MultiPolygon",
          coordinates: (one.geometry.type === "Polygon" ? [one.geometry.coordinates] : one.geometry.coordinates).filter((part) => inside(part[0][0])) } }));
      echarts.registerMap("europe", { type: "FeatureCollection", features });
    });
    return known;
  }

  const SHADES = { light: ["#ffd9b8", "#cfdcff", "#94b0ff", "#4f76f3", "#1b3fbf"], dark: ["#7a4a1c", "#27335c", "#3a55a8", "#6a8df5", "#b4c8ff"] };

  function pieces(edges, options, shades) {
    const last = edges.length - 1;
    const between = edges.slice(0, last).map((low, at) => {
      const [min, max] = [low + 1, edges[at + 1]];
      return { min, max, label: min === max ? `${min}` : `${min}–${max}`, color: shades[at + 1] };
    });
    // Not `min`: without a `max` beside it ECharts leaves the number itself out.
    return [{ value: 0, label: options.none ?? "none", color: shades[0] }, ...between, { gte: edges[last] + 1, label: `${edges[last] + 1} ${options.more ?? "or more"}`, color: shades[last + 1] }];
  }

  // None where the table names no country of the map, or the map cannot be had: the table is enough then.
  globalThis.liaisonMap = async (table, options, colours, { words, hint, calm }) => {
    const rows = table.rows.filter(([code]) => String(code).split(" ")[0] in NUMBERS);
    if (!rows.length || !globalThis.topojson) return undefined;
    try { await europe(); } catch { return undefined; }
    const names = Object.fromEntries(rows.map(([text]) => [text.split(" ")[0], text]));
    const data = rows.map(([text, value]) => ({ name: text.split(" ")[0], value }));
    const shades = SHADES[colours.dark ? "dark" : "light"];
    const text = (one) => (names[one.name] ? `${names[one.name]}: ${one.value}` : "");
    return { ...calm, tooltip: { ...hint(colours, options, "item"), formatter: text },
      visualMap: { type: "piecewise", orient: "horizontal", left: 0, bottom: 0, itemWidth: 14, itemHeight: 10, itemGap: 6, textGap: 5, textStyle: words(colours), pieces: pieces(options.pieces ?? [0, 5, 9, 14], options, shades) },
      series: [{ type: "map", map: "europe", projection: { project: lambert, unproject: (point) => point }, top: 8, bottom: 34, left: 8, right: 8, selectedMode: false, label: { show: false },
        itemStyle: { areaColor: colours.dark ? "#242b3d" : "#eceff6", borderColor: colours.paper, borderWidth: 0.6 },
        emphasis: { label: { show: false }, itemStyle: { areaColor: "#ffd617" } }, data }] };
  };
})();
