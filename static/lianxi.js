// Lianxi 联席. Pages work without this script; it makes them quicker. One function a behaviour, each found by a data
// attribute or a class; nothing is evaluated, and nothing is asked of another site.
"use strict";

// A form that is being sent is not sent a second time by an impatient hand; the token on the server has the last word.
function sendOnce() {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "true";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  // a page taken from the browser's memory starts anew
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });
}

// After a form came back with errors, the reader is at their summary.
function showWhatIsWrong() {
  const wrong = document.querySelector(".summary, .act .refusal");
  if (wrong) {
    wrong.tabIndex = -1;
    wrong.focus();
  }
}

// What is shown disabled can be reached and read, and does nothing.
function keepDisabled() {
  document.addEventListener("click", (event) => {
    if (event.target.closest('[aria-disabled="true"]')) event.preventDefault();
  });
}

// A private note is saved as it is typed; what cannot be saved is said, and the button still does it.
function saveNotes() {
  for (const form of document.querySelectorAll("form[data-autosave]")) {
    const said = form.querySelector("[data-saved]");
    let waiting;
    const save = async () => {
      let answer;
      try {
        answer = await fetch(form.action, {
          method: "POST", body: new FormData(form), headers: { "X-Requested-With": "fetch" },
        });
      } catch {
        said.textContent = form.dataset.unsent;
        waiting = setTimeout(save, 5000);
        return;
      }
      if (answer.ok) {
        const { after, saved } = await answer.json();
        form.elements.after.value = after;
        said.textContent = saved;
      } else {
        said.textContent = { 401: form.dataset.ended, 409: form.dataset.outdated }[answer.status] ?? form.dataset.unsent;
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(save, 1000);
    });
    form.addEventListener("submit", () => clearTimeout(waiting));
  }
}

sendOnce();
showWhatIsWrong();
keepDisabled();
saveNotes();
