"""
Implementations that share no code with the mock, to try the judge on.

Each is a plain Flask application, written from a document by hand, with bugs
that can be switched on one at a time, and with dialects: other choices where the
document leaves one. The judge has to convict the first, and acquit the second.
"""
