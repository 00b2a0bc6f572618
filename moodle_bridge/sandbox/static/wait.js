// Asks every 300 ms whether the document is there; then shows the page anew. Without script a refresh does it.
(() => {
  const waiting = document.querySelector("[data-poll]");
  const ask = async () => {
    try {
      const answer = await fetch(waiting.dataset.poll, { cache: "no-store" });
      if ((await answer.json()) > 0) return location.reload();
    } catch { /* the site is away for a moment */ }
    setTimeout(ask, 300);
  };
  ask();
})();
