// What the pages do where scripts run. Every page works without this file; it
// only makes things quicker. It is plain and loaded as it is: there is no build.
"use strict";

const announce = (words) => {
  const box = document.getElementById("announcer");
  box.textContent = "";
  requestAnimationFrame(() => (box.textContent = words));
};

// A form with problems opens on the list of them.
document.querySelector("[data-error-summary]")?.focus();
document.addEventListener("htmx:afterSettle", (e) => {
  e.target.querySelector?.("[data-error-summary]")?.focus();
});

// '/' leads to the search box, '?' to the list of shortcuts.
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
  if (e.key === "/") {
    const search = document.getElementById("search");
    if (!search) return;
    e.preventDefault();
    search.focus();
    search.select();
  } else if (e.key === "?") {
    document.querySelector("[data-shortcuts]")?.click();
  }
});

// Copy buttons say that they did, to the eye and to the ear.
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy]");
  if (!button) return;
  let words = "Copied";
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
  } catch {
    words = "Not copied";
  }
  announce(words);
  const word = button.querySelector("span");
  const usual = (word.dataset.usual ??= word.textContent);
  word.textContent = words;
  setTimeout(() => (word.textContent = usual), 2000);
});

// A form that changes something is sent once: a double click does nothing more.
// Going back to the page makes the form usable again, and so does a download, which
// leaves the page where it is.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (e.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    e.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  e.submitter?.setAttribute("aria-disabled", "true");
  if ("download" in form.dataset) setTimeout(release, 2000, form);
});
const release = (form) => {
  delete form.dataset.sent;
  for (const button of document.querySelectorAll("button[aria-disabled]")) {
    if (button.form === form) button.removeAttribute("aria-disabled");
  }
};
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));

// The preview in a hint follows what is typed.
document.addEventListener("input", (e) => {
  const preview = e.target.id && document.querySelector(`[data-preview="${CSS.escape(e.target.id)}"]`);
  if (preview) preview.textContent = e.target.value.trim() || preview.dataset.placeholder;
});

// A control for a day or a time takes nothing from the clipboard. A time that is pasted,
// as logs and files have it, stands there as text.
document.addEventListener("paste", (e) => {
  const field = e.target;
  if (!field.matches("input[type=date], input[type=datetime-local]")) return;
  const pasted = e.clipboardData.getData("text").trim();
  if (!pasted) return;
  e.preventDefault();
  field.type = "text";
  field.value = pasted;
});

// Relative times stay true while the page is open, by the server's clock and by
// the rules of ui.Relative.
const opened = Date.now();
const served = Date.parse(document.documentElement.dataset.now);
const relative = (at, now) => {
  const past = Math.trunc((now - at) / 1000);
  const s = Math.abs(past);
  if (s < 5) return "just now";
  if (s >= 30 * 86400) return new Date(at).toISOString().slice(0, 10);
  const units = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];
  const [size, unit] = units.find(([size]) => s >= size);
  const words = `${Math.floor(s / size)} ${unit}`;
  return past < 0 ? `in ${words}` : `${words} ago`;
};
const refreshTimes = () => {
  const now = served + Date.now() - opened;
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const words = relative(Date.parse(time.dateTime), now);
    if (time.textContent !== words) time.textContent = words;
  }
};
setInterval(refreshTimes, 15000);
document.addEventListener("visibilitychange", () => document.hidden || refreshTimes());

// A part of the page that can't be read again keeps what it shows. When the
// session has ended, the page itself says so.
document.addEventListener("htmx:responseError", (e) => {
  if (e.detail.xhr.status === 401) location.reload();
  else announce("This part of the page could not be read again.");
});
document.addEventListener("htmx:sendError", () => announce("Foyer could not be reached."));
