// Ask: the threshold in force is that of the model that is chosen.
(() => {
  "use strict";
  document.addEventListener("change", (e) => {
    const limit = e.target.id === "m" && e.target.selectedOptions?.[0]?.dataset.limit;
    const knob = document.getElementById("k-threshold");
    if (limit && knob) knob.placeholder = limit;
  });
})();
