// The operations page: a panel whose service does not answer says so, until it answers again.
(() => {
  const notice = document.getElementById("away");
  function away(event) {
    const panel = event.target.closest("[data-service]");
    if (panel && !panel.querySelector(".away")) panel.prepend(notice.content.cloneNode(true));
  }
  for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) document.body.addEventListener(name, away);
})();
