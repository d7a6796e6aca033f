"""Response templates: Handlebars with WireMock's helpers."""
