"""
Hold a message against its promise.

`requests` reads what came in, `security` finds who sent it, `responses` holds
what goes out. All return `Violation`s; none raises for what a message says.
"""
