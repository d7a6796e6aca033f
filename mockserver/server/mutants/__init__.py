"""
The mock with one planted bug, to try judges on.

A bug is a small transformation of what the mock is told, answers or remembers,
and stands around the host, not in it: the request's hot path does not know it.
It is planted at one operation, as real ones are, and is the same for the same seed.

`kinds.py` says what a bug is, `call.py` what one may do with a request, `anatomy.py` what there is to be
wrong; the bugs themselves stand in the modules that registry.py names.
"""
