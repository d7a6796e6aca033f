// Swagger UI on an API's contract; its requests go to this server, whatever `servers` says.
(function () {
  "use strict";
  var place = document.getElementById("docs");
  if (window.matchMedia("(prefers-color-scheme: dark)").matches) document.documentElement.classList.add("dark-mode");
  fetch(place.dataset.spec).then(function (answer) { return answer.json(); }).then(function (spec) {
    var here = window.location.origin + place.dataset.base;
    if (spec.swagger) {
      spec.host = window.location.host;
      spec.schemes = [window.location.protocol.replace(":", "")];
      spec.basePath = place.dataset.base + (spec.basePath || "");
    } else {
      spec.servers = [{ url: here }];
    }
    window.SwaggerUIBundle({
      spec: spec, dom_id: "#docs", deepLinking: true, docExpansion: "list", defaultModelsExpandDepth: 0,
      tryItOutEnabled: true, persistAuthorization: true, validatorUrl: null, displayRequestDuration: true, filter: true,
      requestInterceptor: function (request) {
        if (place.dataset.session !== "default") request.headers["Mock-Session"] = place.dataset.session;
        return request;
      },
      onComplete: function () { place.dataset.ready = "true"; }
    });
  });
})();
