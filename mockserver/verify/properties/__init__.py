"""
The phase that draws requests, valid and not: schemathesis, wrapped.

What it finds is believed only where our own readers of requests and answers
agree, and where the rule is certain (`certain`): its generation is better than
ours would be, its verdicts know nothing of the prose around a schema.
"""
