// Dark or light, before anything is shown: what was chosen here, else what the system says.
"use strict";
(() => {
  let chosen = null;
  try {
    chosen = localStorage.getItem("mock-runtime-theme");
  } catch {
    // Storage may be forbidden; then the system decides.
  }
  if (chosen === "dark" || chosen === "light") document.documentElement.dataset.theme = chosen;
})();
