"""
The webhooks phase: what an implementation sends by itself, caught on loopback and held to the contract.

    catcher.py      a receiver on this machine: it keeps what comes, and takes it
    pointing.py     how an implementation comes to send there: a subscription, a mockserver's admin
    deliveries.py   which event a delivery tells, and what is wrong with it
    signatures.py   whether it is signed with the secret that both know
    callbacks.py    the case of an operation with callbacks
    events.py       the cases of webhooks: walks by the rules, or the calls that change something
    phase.py        the phase
"""
