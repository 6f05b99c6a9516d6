// The shell of the installed app. It keeps style, script, icons and the page that says that there is no connection, which are
// the same for everybody; a paper only when its reader asks for it, and signing out takes that away.
"use strict";

const SHELL = "shell-{{ version }}";
// the papers of one person; the script of the pages sees to it that they are of whoever is signed in
const KEPT = "kept-";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELL).then((cache) => cache.addAll({{ shell|safe }})).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name !== SHELL && !name.startsWith(KEPT)).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

self.addEventListener("fetch", (event) => {
  if (event.request.method !== "GET") return;
  const { origin, pathname } = new URL(event.request.url);
  if (origin !== self.location.origin) return;
  if (event.request.mode === "navigate") {
    event.respondWith(fetch(event.request).catch(() => without(event.request)));
  } else if (pathname.startsWith("/static/")) {
    event.respondWith(fetch(event.request).catch(() => shellOf(event.request)));
  }
});

async function shellOf(request) {
  return (await (await caches.open(SHELL)).match(request)) ?? Response.error();
}

async function without(request) {
  for (const name of (await caches.keys()).filter((each) => each.startsWith(KEPT))) {
    const kept = await (await caches.open(name)).match(request, { ignoreSearch: true });
    if (kept) return kept;
  }
  return (await caches.open(SHELL)).match("{{ offline }}");
}

self.addEventListener("push", (event) => {
  const told = event.data?.json() ?? {};
  event.waitUntil(self.registration.showNotification(told.title ?? "Lianxi", { body: told.body ?? "", data: told.url ?? "/", tag: told.url }));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const url = new URL(event.notification.data, self.location.origin);
  if (url.origin === self.location.origin) event.waitUntil(self.clients.openWindow(url.href));
});
