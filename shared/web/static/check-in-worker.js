// Keeps the check-in page and its files on the phone, for where there is no network. Nothing else is answered here.
const PLACE = "check-in";
const PAGE = /^\/events\/activity-[0-9a-f-]{36}\/check-in$/;

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("message", (event) => {
  if (!event.data.keep) return;
  const kept = caches.open(PLACE).then((cache) => Promise.allSettled(event.data.keep.map((one) => cache.add(one))));
  event.waitUntil(kept.then(() => event.source.postMessage("kept")));
});

async function fresh(request, path) {
  const cache = await caches.open(PLACE);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected && PAGE.test(path)) await cache.put(path, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(PAGE.test(path) ? path : request);
    if (kept) return kept;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin) return;
  const page = event.request.mode === "navigate";
  if (page && !PAGE.test(url.pathname)) return;
  if (!page && !/^\/(static|assets)\//.test(url.pathname)) return;
  event.respondWith(fresh(event.request, url.pathname));
});
