/* What pages do beyond links and forms: shortcuts, toasts that go, ticked rows, the dialog. Every page works without it. */
(() => {
  "use strict";
  const root = document.documentElement;
  root.dataset.scripted = "";

  /* Shortcuts. Single letters work outside text only, and can be switched off (WCAG 2.1.4). */
  const places = { c: "/cases", f: "/follow-ups", d: "/mail-in-doubt" };
  let afterG = false;
  const areOff = () => localStorage.getItem("keys") === "off";
  const isText = (element) => element.closest("input, textarea, select, [contenteditable]");
  const rows = () => [...document.querySelectorAll("tbody tr, [data-row]")].filter((row) => row.querySelector("a.title"));

  function moveTo(step) {
    const all = rows();
    const here = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(Math.max(here + step, 0), all.length - 1)];
    next?.querySelector("a.title").focus();
    next?.scrollIntoView({ block: "nearest" });
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.ctrlKey) {
      event.target.closest("form")?.querySelector(".btn.primary")?.click() ??
        document.querySelector(`button.primary[form="${event.target.form?.id}"]`)?.click();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isText(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (areOff() || document.querySelector("dialog[open]")) return;
    if (afterG && places[event.key]) { location.assign(places[event.key]); return; }
    afterG = event.key === "g";
    if (afterG) return;
    if (event.key === "j" || event.key === "k") moveTo(event.key === "j" ? 1 : -1);
    else if (event.key === "x") document.activeElement.closest("tr")?.querySelector('[type="checkbox"]')?.click();
    else if (event.key === "?") document.getElementById("keys")?.togglePopover();
    else {
      const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
      if (!target) return;
      event.preventDefault();
      target.matches("input, textarea") ? target.focus() : target.click();
    }
  });

  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-switch-keys]");
    if (toggle) {
      localStorage.setItem("keys", areOff() ? "on" : "off");
      showKeys();
    }
    if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
  });

  function showKeys() {
    for (const toggle of document.querySelectorAll("[data-switch-keys]")) {
      toggle.textContent = areOff() ? "Switch single keys on" : "Switch single keys off";
      toggle.setAttribute("aria-pressed", String(areOff()));
    }
  }

  /* Toasts go after 10 seconds, but not from under a hand or the focus. */
  function ripen(toast) {
    setTimeout(() => (toast.matches(":hover, :focus-within") ? ripen(toast) : toast.remove()), 10_000);
  }

  /* Ticked rows: the bar appears with the first tick and says the number. */
  function countTicked(form) {
    const ticked = form.querySelectorAll('[name="case"]:checked').length;
    const bar = form.querySelector("[data-bulk]");
    if (!bar) return;
    bar.hidden = ticked === 0;
    bar.querySelector("[data-ticked]").textContent = `${ticked} selected`;
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-rows]");
    if (!form) return;
    if (event.target.matches("[data-tick-all]"))
      for (const box of form.querySelectorAll('[name="case"]')) box.checked = event.target.checked;
    countTicked(form);
  });
  document.addEventListener("reset", (event) => setTimeout(() => countTicked(event.target)));

  /* The send button says what it sets. */
  function sayWhatIsSet() {
    const choice = document.querySelector('[name="sets_status_reason"]');
    const label = document.querySelector("[data-send-label]");
    if (choice && label) label.textContent = choice.value ? `Send and set ${choice.selectedOptions[0].text}` : "Send";
  }
  document.addEventListener("change", (event) => event.target.name === "sets_status_reason" && sayWhatIsSet());

  /* Folded cards stay folded for this person on this machine. */
  document.addEventListener("toggle", (event) => {
    const name = event.target.dataset?.fold;
    if (name) localStorage.setItem(`fold-${name}`, event.target.open ? "open" : "closed");
  }, true);

  /* A form is sent once. */
  document.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || event.defaultPrevented) return;
    setTimeout(() => { button.disabled = true; });
    setTimeout(() => { button.disabled = false; }, 5000);
  });

  /* A dialog that htmx fetched opens; after Esc or Cancel the focus returns by itself. */
  document.addEventListener("htmx:afterSwap", (event) => {
    const dialog = event.detail.target.closest?.("dialog");
    if (dialog && !dialog.open) dialog.showModal();
    prepare(event.detail.target);
  });
  for (const failure of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
    document.addEventListener(failure, () => {
      if (document.getElementById("offline")) return;
      const words = "This part could not be loaded. What you typed stays here. Load the page again to see the present state.";
      const notice = document.createElement("div");
      notice.id = "offline";
      notice.className = "notice bad";
      notice.setAttribute("role", "alert");
      notice.append(Object.assign(document.createElement("p"), { textContent: words }));
      document.getElementById("main")?.prepend(notice);
    });
  }
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) document.getElementById("offline")?.remove();
  });

  function prepare(part) {
    for (const form of part.querySelectorAll("[data-rows]")) countTicked(form);
    for (const details of part.querySelectorAll("details[data-fold]"))
      if (localStorage.getItem(`fold-${details.dataset.fold}`) === "closed") details.open = false;
    part.querySelector("[data-focus]")?.focus();
  }

  for (const toast of document.querySelectorAll("[data-toast]")) ripen(toast);
  showKeys();
  sayWhatIsSet();
  prepare(document);
})();
