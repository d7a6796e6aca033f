"""What changed in who may come in: requirements of operations, and the schemes behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from typing import Any

from mockserver.contract.model import Contract, Operation, Requirement, SecurityScheme
from mockserver.contract.reading import below, mapping
from mockserver.exchange import MISSING, Place
from mockserver.verify.diff.changes import Notes

Credentials = Mapping[tuple[str, ...], frozenset[str]]
"""What must be shown, by kind and place rather than by the scheme's name, each with its scopes."""

_URLS = ("authorizationUrl", "tokenUrl", "refreshUrl", "deviceAuthorizationUrl")


def requirements(notes: Notes, old: tuple[Contract, Operation], new: tuple[Contract, Operation]) -> None:
    """
    Note what changed between the security of two operations.

    A consumer has the credentials of one of the old alternatives; it is broken when none of the new ones is
    content with these. Scopes that are asked for more are new rights that its token lacks.
    """
    names = old[0].security_schemes.keys() & new[0].security_schemes.keys()
    before, after = _alternatives(*old, names), _alternatives(*new, names)
    places = (_place(*old), _place(*new))
    if any(not one for one in after.values()) or not after:
        if before and all(one for one in before.values()):
            notes.about("security-removed", "anybody may call it now", *places)
        return
    if not before or any(not one for one in before.values()):
        notes.about("security-added", f"it asks for {' or '.join(after)} now", *places)
        return
    for name, held in before.items():
        if any(_enough(held, asked) for asked in after.values()):
            continue
        near = next((asked for asked in after.values() if asked.keys() <= held.keys()), None)
        if near is not None:
            more = sorted(set[str]().union(*(near[kind] - held[kind] for kind in near)))
            said = f"credential {name} needs the scope {', '.join(more)} now"
            notes.about("security-scope-added", said, *places)
        else:
            notes.about(
                "security-alternative-removed", f"credential {name} alone does not let in any more", *places
            )
    for name, asked in after.items():
        alike = [held for held in before.values() if held.keys() == asked.keys()]
        if not alike:
            if not any(_enough(held, asked) for held in before.values()):
                notes.about("security-alternative-added", f"credential {name} lets in now", *places)
            continue
        less = sorted(set[str]().union(*(scopes - asked[kind] for kind, scopes in alike[0].items())))
        if less and asked not in alike:
            said = f"credential {name} does not need the scope {', '.join(less)} any more"
            notes.about("security-scope-removed", said, *places)


def _enough(held: Credentials, asked: Credentials) -> bool:
    return all(kind in held and scopes <= held[kind] for kind, scopes in asked.items())


def _alternatives(contract: Contract, operation: Operation, names: Set[str]) -> dict[str, Credentials]:
    found: dict[str, Credentials] = {}
    for requirement in operation.security:
        found[_called(requirement)] = {
            _identity(contract.security_schemes[name], names): frozenset(scopes)
            for name, scopes in requirement.items()
        }
    return found


def _called(requirement: Requirement) -> str:
    named = (f"{name} ({', '.join(scopes)})" if scopes else name for name, scopes in requirement.items())
    return " and ".join(named) or "nothing"


def _identity(scheme: SecurityScheme, names: Set[str]) -> tuple[str, ...]:
    """Return what *scheme* asks to be shown; its name counts only where both contracts have it."""
    name = scheme.parameter.lower() if scheme.location == "header" else scheme.parameter
    own = scheme.name if scheme.kind in ("oauth2", "openIdConnect") and scheme.name in names else ""
    return (scheme.kind, scheme.scheme, scheme.location, name, own)


def _place(contract: Contract, operation: Operation) -> Place:
    documents = contract.schemas.documents
    for place in (below(operation.place, "security"), Place(contract.file, "/security")):
        if documents.at(place) is not MISSING:
            return place
    return operation.place


# ------------------------------------------------------------------------------------------------ schemes


def schemes(notes: Notes, old: Contract, new: Contract) -> None:
    """Note what changed in the OAuth flows of schemes that both contracts have."""
    for name, before in old.security_schemes.items():
        after = new.security_schemes.get(name)
        if after is None:
            continue
        one, other = (_flows(contract, scheme) for contract, scheme in ((old, before), (new, after)))
        places = (before.place, after.place)
        for kind in dict.fromkeys((*one, *other)):
            if kind not in other:
                notes.about("oauth-flow-removed", f"scheme {name} has no flow {kind} any more", *places)
            elif kind not in one:
                notes.about("oauth-flow-added", f"scheme {name} has the flow {kind} now", *places)
            else:
                _flow(notes, f"the flow {kind} of {name}", one[kind], other[kind], *places)


def _flow(
    notes: Notes, called: str, old: Mapping[str, Any], new: Mapping[str, Any], before: Place, after: Place
) -> None:
    for keyword in _URLS:
        if old.get(keyword) != new.get(keyword):
            said = f"{called} has the {keyword} {new.get(keyword)}, it was {old.get(keyword)}"
            notes.about("oauth-url-changed", said, before, after)
    gone, come = (
        sorted(mapping(one.get("scopes")).keys() - mapping(other.get("scopes")).keys())
        for one, other in ((old, new), (new, old))
    )
    if gone:
        notes.about("oauth-scope-removed", f"{called} has no scope {', '.join(gone)} any more", before, after)
    if come:
        notes.about("oauth-scope-added", f"{called} has the scope {', '.join(come)} now", before, after)


def _flows(contract: Contract, scheme: SecurityScheme) -> dict[str, Mapping[str, Any]]:
    node = mapping(contract.schemas.documents.at(scheme.place))
    if scheme.kind == "openIdConnect":
        return {"openIdConnect": {"authorizationUrl": node.get("openIdConnectUrl")}}
    if scheme.kind == "oauth2" and "flow" in node:  # Swagger 2.0
        return dict(_swagger_flows(node))
    return {kind: mapping(flow) for kind, flow in mapping(node.get("flows")).items()}


def _swagger_flows(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    names = {"accessCode": "authorizationCode", "application": "clientCredentials"}
    yield names.get(str(node["flow"]), str(node["flow"])), node
