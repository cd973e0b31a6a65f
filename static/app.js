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
const search = document.getElementById("search");
document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input, textarea, select, [contenteditable]")) return;
  if (e.key === "/") {
    if (!search) return;
    e.preventDefault();
    search.focus();
    search.select();
  } else if (e.key === "?") {
    document.querySelector("[data-shortcuts]")?.click();
  }
});

// The search box offers what is found while one types: the combobox of the ARIA
// Authoring Practices. The options are links, and Enter without one searches as the form
// does.
const suggestions = document.getElementById("suggestions");
if (search && suggestions) {
  const longestAsked = 320; // what is longer is no name
  const longestInAddress = 1500; // what is longer is sent in the form's body
  let waiting; // to ask once no more is typed
  let asking; // the question on its way
  const options = () => [...suggestions.querySelectorAll("[role=option]")];
  const current = () => suggestions.querySelector("[aria-selected=true]");
  const choose = (option) => {
    current()?.setAttribute("aria-selected", "false");
    option?.setAttribute("aria-selected", "true");
    option?.scrollIntoView({ block: "nearest" });
    if (option) search.setAttribute("aria-activedescendant", option.id);
    else search.removeAttribute("aria-activedescendant");
  };
  const open = (wanted) => {
    const shown = wanted && options().length > 0;
    suggestions.hidden = !shown;
    search.setAttribute("aria-expanded", shown);
    if (shown) search.setAttribute("aria-controls", "suggestion-list");
    else search.removeAttribute("aria-controls");
    if (!shown) choose(null);
  };
  // What is on its way would open it again.
  const close = () => {
    clearTimeout(waiting);
    asking?.abort();
    open(false);
  };
  search.setAttribute("role", "combobox");
  search.setAttribute("aria-autocomplete", "list");
  open(false);

  search.addEventListener("keydown", (e) => {
    if (e.isComposing || e.ctrlKey || e.metaKey || e.altKey) return;
    const all = options();
    if ((e.key === "ArrowDown" || e.key === "ArrowUp") && all.length > 0) {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : -1;
      const ring = all.length + 1; // the box itself comes behind the last and before the first
      const at = current() ? all.indexOf(current()) : all.length;
      open(true);
      choose(all[(at + step + ring) % ring]);
    } else if (e.key === "Enter" && !suggestions.hidden && current()) {
      e.preventDefault();
      current().click();
    } else if (e.key === "Escape" && !suggestions.hidden) {
      e.preventDefault();
      close();
    }
  });
  // Asked without htmx, to which a question that the next letter or the next page ends
  // is an error. What can't be asked is no loss: the form searches as well.
  const ask = async () => {
    asking?.abort();
    if (search.value.length > longestAsked) return open(false);
    asking = new AbortController();
    try {
      const query = new URLSearchParams({ q: search.value });
      const answer = await fetch(`${search.dataset.suggest}?${query}`, { signal: asking.signal, redirect: "error" });
      if (answer.status === 401) return location.reload();
      if (!answer.ok) return open(false);
      suggestions.innerHTML = await answer.text();
    } catch {
      return;
    }
    choose(null);
    open(document.activeElement === search);
    const words = suggestions.querySelector("[data-spoken]")?.dataset.spoken;
    if (words && !suggestions.hidden) announce(words);
  };
  search.addEventListener("focus", ask);
  search.addEventListener("input", () => {
    choose(null); // what was chosen was chosen among what is offered no more
    clearTimeout(waiting);
    waiting = setTimeout(ask, 120);
  });
  // A box of one line would write the lines of a list after each other.
  search.addEventListener("paste", (e) => {
    const text = e.clipboardData.getData("text").trim();
    if (!/[\r\n]/.test(text)) return;
    e.preventDefault();
    search.setRangeText(text.replace(/\s*[\r\n]+\s*/g, ", "), search.selectionStart, search.selectionEnd, "end");
    search.dispatchEvent(new Event("input", { bubbles: true }));
  });
  search.form.addEventListener("submit", () => {
    if (search.value.length > longestInAddress) search.form.method = "post";
    close();
  });
  search.form.addEventListener("focusout", (e) => {
    if (!search.form.contains(e.relatedTarget)) close();
  });
  addEventListener("pageshow", close);
}

// A page that would load itself again waits while something is typed in the search box.
document.addEventListener("htmx:beforeOnLoad", (e) => {
  if (search && search.value !== search.defaultValue && e.detail.xhr.getResponseHeader("HX-Refresh")) e.preventDefault();
});

// Copy buttons say that they did, to the eye and to the ear.
const copy = async (button, text) => {
  let words = "Copied";
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    words = "Not copied";
  }
  announce(words);
  const word = button.querySelector("span");
  const usual = (word.dataset.usual ??= word.textContent);
  word.textContent = words;
  setTimeout(() => (word.textContent = usual), 2000);
};
document.addEventListener("click", (e) => {
  const button = e.target.closest("[data-copy]");
  if (button) copy(button, button.dataset.copy);
});

// A form that changes something is sent once: a double click does nothing more.
// Going back to the page makes the form usable again, and so does a download, which
// leaves the page where it is; its other buttons are usable meanwhile.
document.addEventListener("submit", (e) => {
  const form = e.target;
  if (e.defaultPrevented || form.method !== "post") return;
  const again = "download" in form.dataset ? e.submitter?.hasAttribute("aria-disabled") : form.dataset.sent;
  if (again) {
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

// A time that is to come is meant in the browser's time zone, unless another one is chosen,
// and whoever enters one doesn't mean 'now'.
for (const select of document.querySelectorAll("select[data-zone]")) {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!zone) continue;
  if (![...select.options].some((option) => option.value === zone)) select.add(new Option(zone, zone));
  select.value = zone;
}
document.addEventListener("input", (e) => {
  const at = e.target.matches("#field-at") && e.target.form.querySelector("input[name=when][value=at]");
  if (at && e.target.value) at.checked = true;
});

// A table whose rows can be ticked: with Shift all between two of them, and from its head
// all of them. The bar under it says how many are.
const boxesOf = (form) => [...form.querySelectorAll("input[name=pick]")];
const countPicked = (form) => {
  const boxes = boxesOf(form);
  const n = boxes.filter((box) => box.checked).length;
  const head = form.querySelector("[data-pick-all]");
  head.checked = n > 0 && n === boxes.length;
  head.indeterminate = n > 0 && n < boxes.length;
  const everybody = form.elements.all;
  if (everybody && n < boxes.length) everybody.checked = false;
  const bar = form.querySelector("[data-pick-bar]");
  bar.toggleAttribute("data-some", n > 0);
  bar.toggleAttribute("data-every", head.checked);
  const words = everybody?.checked ? "Everybody who matches is selected" : `${n} ${n === 1 ? "person" : "people"} selected`;
  const said = bar.querySelector("[data-picked]");
  if (said.textContent !== words) said.textContent = words;
};
const countAllPicked = () => document.querySelectorAll("form[data-selection]").forEach(countPicked);
let lastTicked;
document.addEventListener("click", (e) => {
  if (!e.target.matches?.("input[name=pick]")) return;
  const boxes = boxesOf(e.target.form);
  const [from, to] = [boxes.indexOf(lastTicked), boxes.indexOf(e.target)].sort((a, b) => a - b);
  if (e.shiftKey && from >= 0) for (const box of boxes.slice(from, to)) box.checked = e.target.checked;
  lastTicked = e.target;
});
document.addEventListener("change", (e) => {
  const form = e.target.closest("form[data-selection]");
  if (!form) return;
  if (e.target.matches("[data-pick-all]")) for (const box of boxesOf(form)) box.checked = e.target.checked;
  countPicked(form);
});
addEventListener("pageshow", countAllPicked);
document.addEventListener("htmx:afterSettle", countAllPicked);

// The addresses of those who are ticked are on the page; of everybody who matches the
// server has them.
document.addEventListener("click", async (e) => {
  const button = e.target.closest("[data-copy-emails]");
  if (!button || button.form.elements.all?.checked) return;
  e.preventDefault();
  const emails = boxesOf(button.form).filter((box) => box.checked && box.dataset.email).map((box) => box.dataset.email);
  await copy(button, emails.join("\n"));
});

// A menu closes on Escape, and when something else is clicked.
document.addEventListener("keydown", (e) => {
  const menu = e.key === "Escape" && document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("click", (e) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(e.target)) menu.open = false;
});
