// The page works offline after the first visit: these files are kept, as this build wrote them.

const [VERSION, FILES] = BUILD;
const NAME = `chainrule-${VERSION}`;

addEventListener("install", (event) => {
  const keep = async () => {
    await (await caches.open(NAME)).addAll(FILES);
    await skipWaiting();
  };
  event.waitUntil(keep());
});

addEventListener("activate", (event) => {
  const tidy = async () => {
    const old = (await caches.keys()).filter((name) => name.startsWith("chainrule-") && name !== NAME);
    await Promise.all(old.map((name) => caches.delete(name)));
    await clients.claim();
  };
  event.waitUntil(tidy());
});

addEventListener("fetch", (event) => {
  const answer = async () => (await (await caches.open(NAME)).match(event.request, { ignoreSearch: true })) ?? fetch(event.request);
  if (event.request.method === "GET") event.respondWith(answer());
});
