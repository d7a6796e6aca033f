"""
For tests written in Python: a server in this process, a session of one's own, and a pytest plugin.

Everything goes through the admin API, so that what works here works against a server
elsewhere, and by curl.
"""
