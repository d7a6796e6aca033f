"""
What an API sends by itself: webhooks, callbacks and postbacks, made by their contract, and delivered.

    events.py         what happened -> what is sent, and where
    messages.py       one request to somebody else, made and validated by the contract
    addresses.py      which addresses may be called; macros in them
    letters.py        a message with its address
    subscriptions.py  who asked to be told
    deliveries.py     the log: each message on its way, row by row in its session
    attempts.py       the wire: one attempt, its signature
    courier.py        the thread that carries them: in order, again where it failed, never in anybody's way
    outbox.py         what is on its way: taken from the logs, carried on after a restart, by one process
    office.py         all of it, for the host and the admin

Nothing of this is imported before something is to be sent.
"""
