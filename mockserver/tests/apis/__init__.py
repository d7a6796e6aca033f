"""The five bundled APIs over HTTP: what their documents print and say in prose."""
