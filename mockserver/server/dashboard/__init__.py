"""
The dashboard at /__admin/: pages made on the server, for whoever looks rather than writes requests.

    inside.py     what the pages know and do: by asking the admin, as any client does
    pages.py      requests, APIs and operations
    worlds.py     state, sessions, the clock and what else belongs to a session
    outside.py    webhooks: who is told, what was sent
    showing.py    how things are shown: JSON, lines of a contract, a command to copy
    stream.py     requests as they come (server-sent events)
    entrance.py   the login where a token is asked for, the fields that fence a page in
    docs.py       an API's documentation, with requests to try

No build step, and nothing from the network: templates/ and static/ are all there is,
htmx and Swagger UI among them (static/vendor/LICENSES.txt says which).
"""
