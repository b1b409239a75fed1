// The triage boards where scripts run: cards are dragged or walked by arrow keys, sliders answer as they move, and the
// proof of a proposal is looked at again by itself. Without scripts everything is a link, a number and a button.
const board = document.querySelector("[data-board]");
for (const hint of document.querySelectorAll("[data-keys], [data-fates]")) hint.hidden = false;

const form = document.querySelector("[data-what-if]");
const result = document.querySelector("#what-if-result");
let waiting = 0;
let asked = 0;

async function ask() {
  const mine = ++asked;
  const query = new URLSearchParams(new FormData(form));
  result.setAttribute("aria-busy", "true");
  const answer = await fetch(`${form.dataset.whatIf}?${query}`, { headers: { accept: "text/html" } });
  const text = await answer.text();
  if (mine !== asked) return;
  result.removeAttribute("aria-busy");
  if (answer.ok) result.innerHTML = text;
}

function soon() {
  clearTimeout(waiting);
  waiting = setTimeout(ask, 200);
}

for (const slide of form?.querySelectorAll(".board__slide") ?? []) {
  const number = slide.querySelector("[type=number]");
  const range = slide.querySelector("[type=range]");
  range.hidden = false;
  range.addEventListener("input", () => { number.value = range.value; soon(); });
  number.addEventListener("input", () => { range.value = number.value || 0; soon(); });
}
form?.elements.quarter.addEventListener("change", soon);

let dragged = null;
for (const card of board.querySelectorAll("[draggable]")) {
  card.addEventListener("dragstart", (event) => {
    dragged = card.dataset.request;
    event.dataTransfer.setData("text/plain", card.dataset.title);
    event.dataTransfer.effectAllowed = "move";
  });
  card.addEventListener("dragend", () => { dragged = null; });
}
for (const place of document.querySelectorAll("[data-drop]")) {
  place.addEventListener("dragover", (event) => {
    if (dragged) { event.preventDefault(); place.classList.add("board__drop--over"); }
  });
  place.addEventListener("dragleave", () => place.classList.remove("board__drop--over"));
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    place.classList.remove("board__drop--over");
    if (dragged) location.assign(`/requests/${dragged}/${place.dataset.drop}`);
  });
}

board.addEventListener("keydown", (event) => {
  const card = event.target.closest("[data-request]");
  if (!card || event.altKey || event.ctrlKey || event.metaKey) return;
  const columns = [...board.querySelectorAll("ul")];
  const column = card.parentElement;
  const cards = [...column.children];
  const aside = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const along = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  let next = null;
  if (along) next = cards[cards.indexOf(card) + along];
  if (aside) {
    const other = columns[columns.indexOf(column) + aside];
    next = other?.children[Math.min(cards.indexOf(card), other.children.length - 1)];
  }
  if (!next) return;
  event.preventDefault();
  next.querySelector("[data-card]").focus();
});

// While the first answer is worked out the cards are only a set that fits: the page is loaded again when it comes, unless
// somebody is at work on it. A better set that the proof finds is told, and loaded by who wants it.
const AT_FIRST = 1000, THEN = 3000;
const proof = () => document.querySelector("#proof");
const shown = proof()?.dataset.set;

async function look() {
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const found = page.querySelector("#proof");
  if (!answer.ok || !found) return;
  const came = proof().hasAttribute("data-searching") && !found.hasAttribute("data-searching");
  const at_work = dragged || document.querySelector("main").contains(document.activeElement);
  if (came && !at_work) return location.reload();
  document.querySelector("#better").hidden = found.dataset.set === shown;
  proof().replaceWith(found);
  again();
}

function again() {
  if (proof()?.hasAttribute("data-proving")) setTimeout(look, proof().hasAttribute("data-searching") ? AT_FIRST : THEN);
}

again();
