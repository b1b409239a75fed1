// Pages with figures, beside live.js: what is not text of an element. Values, states and small pictures follow the
// stream; `?wall` shows the first rows large, without controls.
(() => {
  if (new URLSearchParams(location.search).has("wall")) document.documentElement.classList.add("wall");

  function value(id, figure) {
    for (const element of document.querySelectorAll(`[data-figure="${CSS.escape(id)}"]`)) {
      element.dataset.value = figure.value ?? "";
      if (figure.part !== null && figure.part !== undefined) Object.assign(element.dataset, { part: figure.part, whole: figure.whole });
      element.closest(".card__n")?.classList.toggle("card__n--words", figure.value === null && figure.text.length > 3);
    }
    const card = document.querySelector(`[data-card="${CSS.escape(id)}"]`);
    for (const state of ["good", "risk"]) card?.classList.toggle(`card--${state}`, figure.state === state);
  }

  function picture(id, spark) {
    const line = document.querySelector(`[data-spark="${CSS.escape(id)}"]`);
    line?.querySelector(".spark__line")?.setAttribute("points", spark.values ?? "");
    line?.querySelector(".spark__area")?.setAttribute("points", spark.area ?? "");
    if (spark.target !== null && spark.target !== undefined)
      for (const edge of ["y1", "y2"]) line?.querySelector(".spark__target")?.setAttribute(edge, spark.target);
    const most = Math.max(...(spark.bars ?? []), 1);
    document.querySelectorAll(`[data-bars="${CSS.escape(id)}"] rect`).forEach((bar, at) => {
      const height = Math.max((44 * (spark.bars?.[at] ?? 0)) / most, 1);
      bar.setAttribute("y", 44 - height);
      bar.setAttribute("height", height);
    });
  }

  function headline(text) {
    const title = document.getElementById("title");
    if (!title || title.textContent === text) return;
    document.title = document.title.replace(title.textContent, text);
    title.textContent = text;
  }

  document.addEventListener("liaison:live", ({ detail }) => {
    if (detail.headline && document.querySelector("[data-headline]")) headline(detail.headline);
    for (const [id, figure] of Object.entries(detail.figures ?? {})) value(id, figure);
    for (const [id, spark] of Object.entries(detail.sparks ?? {})) picture(id, spark);
  });
})();
