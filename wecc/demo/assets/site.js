// The site's side of the embed contract: who is looking, in which language, and when to open the chat.
"use strict";
(() => {
  const waiting = function () {
    (waiting.q = waiting.q || []).push(arguments);
  };
  window.WECC = window.WECC || waiting;

  window.WECC("boot", { locale: document.documentElement.lang });

  if ("signedIn" in document.body.dataset) {
    fetch("/wecc-token")
      .then((answer) => (answer.ok ? answer.json() : null))
      .then((identity) => identity && window.WECC("identify", identity.token))
      .catch(() => undefined); // the visitor stays anonymous; chatting still works
  }

  document.querySelector("[data-sign-out]")?.addEventListener("submit", () => window.WECC("shutdown"));

  const slow = document.querySelector("[data-chat-slow]");
  document.querySelector("[data-center]").addEventListener("load", () => (slow.hidden = true));
  for (const opener of document.querySelectorAll("[data-chat]")) {
    opener.addEventListener("click", () => {
      window.WECC("open");
      slow.hidden = window.WECC !== waiting;
    });
  }
})();
