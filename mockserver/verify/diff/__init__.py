"""
What changed between two contracts, and whom it breaks (`mockserver diff`).

oasdiff is the model for the classes of changes; it is written in Go, and nothing on PyPI does its work with
the same care. What is ours is the point of view: a schema is not compared keyword by keyword but by the
values that it lets through. So `$ref`, `allOf` and `oneOf` may be written anew as long as the same values
pass.
"""
