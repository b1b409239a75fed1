// Check-in at the door: what is scanned is kept on the phone first, then sent; told again it counts once.
(() => {
  const door = document.getElementById("check-in");
  if (!door) return;
  const words = door.dataset;
  const [state, form, log, video, camera, forget] = ["state", "form", "log", "video", "camera", "forget"].map((name) =>
    document.getElementById(`door-${name}`),
  );
  const people = JSON.parse(document.getElementById("door-data").textContent);
  const place = `check-in:${words.activity}`;
  const AGAIN_MS = 15_000;
  let sending = false;

  const waiting = () => JSON.parse(localStorage.getItem(place) ?? "[]");
  const keep = (scans) => localStorage.setItem(place, JSON.stringify(scans));
  const plain = (text) => {
    const code = text.trim().split(/[=/]/).at(-1).replace(/[\s-]/g, "").toUpperCase();
    return code.replaceAll("0", "O").replaceAll("1", "I").replaceAll("8", "B");
  };
  const say = (sentence) => {
    state.textContent = sentence;
  };
  const note = (text) => {
    const line = document.createElement("li");
    line.textContent = text;
    log.prepend(line);
  };

  function take(text, out) {
    const code = plain(text).slice(0, 60);
    if (!code) return;
    keep([...waiting(), { scan: crypto.randomUUID(), code, out, at: Date.now() }]);
    const known = people[code];
    note(known ? `${known[0]} ${out ? words.left : words.here}` : `${code}: ${words.unknown}`);
    send();
  }

  async function send() {
    const scans = waiting().slice(0, 100);
    if (sending) return;
    if (!scans.length) return;
    sending = true;
    try {
      const now = Date.now();
      const body = { scans: scans.map(({ at, ...one }) => ({ ...one, ago: Math.max(0, (now - at) / 1000) })) };
      const answer = await fetch(words.sync, {
        method: "POST",
        headers: { "Content-Type": "application/json", "X-CSRF-Token": words.csrf },
        body: JSON.stringify(body),
      });
      if (answer.status === 401 || answer.status === 403) {
        say(words.signed);
        return;
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const { outcomes } = await answer.json();
      const done = new Set(outcomes.map((one) => one.scan));
      keep(waiting().filter((one) => !done.has(one.scan)));
      for (const one of outcomes.filter((each) => each.outcome !== "taken")) note(`${words.refused} ${one.sentence}`);
      say(waiting().length ? `${words.waiting} ${waiting().length}` : words.synced);
    } catch {
      say(`${words.offline} ${words.waiting} ${waiting().length}`);
    } finally {
      sending = false;
    }
    if (navigator.onLine && waiting().length > 0 && scans.length === 100) send();
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const field = form.elements.namedItem("code");
    take(field.value, form.elements.namedItem("out").value === "1");
    field.value = "";
    field.focus();
  });

  async function scan() {
    const reader = new BarcodeDetector({ formats: ["qr_code"] });
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.hidden = false;
    await video.play();
    let last = "";
    const look = async () => {
      const found = await reader.detect(video).catch(() => []);
      const text = found[0]?.rawValue ?? "";
      if (text && text !== last) {
        last = text;
        setTimeout(() => (last = ""), 5_000);
        take(text, form.elements.namedItem("out").value === "1");
      }
      requestAnimationFrame(look);
    };
    look();
  }

  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    camera.hidden = false;
    camera.addEventListener("click", () => scan().catch(() => say(words.nocamera)));
  } else if (matchMedia("(pointer: coarse)").matches) {
    say(words.nocamera);
  }

  if ("serviceWorker" in navigator) {
    navigator.serviceWorker.register(words.worker, { scope: "/events/" }).then(async () => {
      const worker = await navigator.serviceWorker.ready;
      const files = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon], script[src]")];
      worker.active.postMessage({ keep: [location.pathname, ...files.map((one) => one.href ?? one.src)] });
      forget.hidden = false;
    });
    navigator.serviceWorker.addEventListener("message", (event) => {
      if (event.data === "kept") door.dataset.kept = "true";
    });
    forget.addEventListener("click", async () => {
      await send();
      await caches.delete("check-in");
      if (!waiting().length) localStorage.removeItem(place);
      say(words.forgotten);
    });
  }
  addEventListener("online", send);
  setInterval(send, AGAIN_MS);
  send();
})();
