// The wall's code of the minute: the page asks for itself again.
const wall = document.querySelector("[data-again]");
if (wall) setTimeout(() => location.reload(), Number(wall.dataset.again) * 1000);
