// What htmx does not do: copy, filter what is there, submit a choice, and keep the stream of requests in bounds.
(function () {
  "use strict";
  var MOST = 400;

  function say(text) {
    var place = document.getElementById("announce");
    if (place) place.textContent = text;
  }

  function copy(text) {
    if (navigator.clipboard && window.isSecureContext) return navigator.clipboard.writeText(text);
    var area = document.createElement("textarea");
    area.value = text;
    area.className = "unseen";
    document.body.appendChild(area);
    area.select();
    document.execCommand("copy");
    area.remove();
    return Promise.resolve();
  }

  document.addEventListener("click", function (event) {
    var button = event.target.closest("button");
    if (!button) return;
    if (button.dataset.copies) {
      var from = document.querySelector(button.dataset.copies);
      var label = button.dataset.label || button.innerHTML;
      button.dataset.label = label;
      copy(from.textContent).then(function () {
        button.textContent = "Copied";
        window.setTimeout(function () { button.innerHTML = label; }, 1500);
      });
    } else if (button.classList.contains("menu")) {
      var open = button.getAttribute("aria-expanded") === "true";
      button.setAttribute("aria-expanded", String(!open));
    } else if (button.id === "pause") {
      var paused = button.getAttribute("aria-pressed") === "true";
      if (paused) { window.location.reload(); return; }
      button.setAttribute("aria-pressed", "true");
      button.textContent = "Go on";
      state("paused", "Paused");
    }
  });

  document.addEventListener("change", function (event) {
    if (event.target.dataset && "submits" in event.target.dataset) event.target.form.requestSubmit();
  });

  document.addEventListener("input", function (event) {
    var wanted = event.target.dataset && event.target.dataset.filters;
    if (!wanted) return;
    var text = event.target.value.toLowerCase();
    document.querySelectorAll(wanted + " tbody tr").forEach(function (row) {
      row.hidden = row.textContent.toLowerCase().indexOf(text) < 0;
    });
  });

  // The stream

  var came = 0;

  function state(name, text) {
    var place = document.getElementById("live");
    if (!place) return;
    place.dataset.state = name;
    document.getElementById("livetext").textContent = text;
  }

  function isPaused() {
    var button = document.getElementById("pause");
    return button && button.getAttribute("aria-pressed") === "true";
  }

  document.addEventListener("htmx:sseOpen", function () { if (!isPaused()) state("live", "Live"); });
  document.addEventListener("htmx:sseError", function () { if (!isPaused()) state("lost", "Connecting again"); });
  document.addEventListener("htmx:sseBeforeMessage", function (event) {
    if (event.detail.type === "request" && isPaused()) event.preventDefault();
  });
  document.addEventListener("htmx:sseMessage", function (event) {
    if (event.detail.type !== "request") return;
    came += 1;
    say(came === 1 ? "One new request" : came + " new requests");
    var none = document.getElementById("none");
    if (none) none.remove();
    var rows = document.getElementById("rows");
    while (rows && rows.rows.length > MOST) rows.deleteRow(rows.rows.length - 1);
  });
})();
