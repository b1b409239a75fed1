// Live pages: an element with data-events="/kpi/live" listens there. Each event's name finds the elements with
// data-event="<name>": HTML data takes the place of their content, JSON {"id": "text"} that of elements by id.
// What changed is marked for a moment. `document` gets an event "liaison:<name>" with the data for charts.js.
const MARKED_MS = 1500;

function mark(element) {
  element.classList.add("changed");
  setTimeout(() => element.classList.remove("changed"), MARKED_MS);
}

function put(id, text) {
  const element = document.getElementById(id);
  if (!element || element.textContent === String(text)) return;
  element.textContent = text;
  mark(element);
}

function take(name, data) {
  if (data.startsWith("{")) {
    const facts = JSON.parse(data);
    for (const [id, text] of Object.entries(facts.texts ?? {})) put(id, text);
    document.dispatchEvent(new CustomEvent("liaison:live", { detail: { name, ...facts } }));
    return;
  }
  for (const element of document.querySelectorAll(`[data-event="${CSS.escape(name)}"]`)) {
    if (element.dataset.place === "first") {
      element.insertAdjacentHTML("afterbegin", data);
      while (element.children.length > Number(element.dataset.most || 8)) element.lastElementChild.remove();
      if (element.firstElementChild) mark(element.firstElementChild);
    } else if (element.innerHTML !== data) {
      element.innerHTML = data;
      mark(element);
    }
  }
}

for (const root of document.querySelectorAll("[data-events]")) {
  const source = new EventSource(root.dataset.events);
  const names = new Set([...document.querySelectorAll("[data-event]")].map((element) => element.dataset.event));
  for (const name of [...names, ...(root.dataset.names || "figures").split(" ")].filter((one, at, all) => all.indexOf(one) === at))
    source.addEventListener(name, (event) => take(name, event.data));
  const shown = document.querySelectorAll("[data-live]");
  source.onopen = () => shown.forEach((one) => one.classList.remove("live--lost"));
  source.onerror = () => shown.forEach((one) => one.classList.add("live--lost"));
  addEventListener("pagehide", () => source.close());
}
