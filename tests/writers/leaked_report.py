"""In: what a test wants to differ. Out: a leaked credential as the report document has it."""

import copy
import html
import re

from tests.writers.scan_material import BLOB, COMMIT, key_id

NUMBER = "111122223333"
CELL = {"evidence": "E1", "row": 7, "column": "access_key_1_active", "pointer": "/Content"}
SPOT = {"repository": "shop", "object": BLOB, "commit": COMMIT, "path": "deploy.env", "line": 1}
REPOSITORY = {"path": "shop", "objects": 1234, "bytes": 5678, "containers": 2, "skipped": []}
DOUBTFUL = "most likely no live credential"


def plain(markup):
    """What a reader sees of a page."""
    text = html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", markup)))
    return text.replace(" .", ".")


def arn(name):
    """The ARN of `user/ann` and the like."""
    return f"arn:aws:iam::{NUMBER}:{name}"


def on(day, what, place=SPOT):
    """An event of the timeline, at noon."""
    return {"what": what, "at": f"{day}T12:00:00Z", "place": place if what != "report" else None}


def step(source, target, does, *, is_certain=True):
    """One step of a way up."""
    return {"principal": arn(source), "path": "p", "action_text": does, "on": arn(target),
            "target": arn(target), "certain": is_certain}  # fmt: skip


def candidate(name, score=3, *reasons, holds_it=True):
    """One who could own it."""
    return {"account": NUMBER, "user": name, "arn": arn(f"user/{name}"), "score": score,
            "can_hold": holds_it, "reasons": list(reasons), "places": [CELL]}  # fmt: skip


_OCCURRENCE = SPOT | {
    "where": "history",
    "author": "Ann <ann@example.org>",
    "date": "2026-03-01T12:00:00Z",
    "in_head": True,
    "reachable": True,
    "encoding": "",
    "doubt": None,
}
_LEAK = {
    "kind": "aws-access-key",
    "account": NUMBER,
    "has_secret": True,
    "account_relation": "audited account",
    "owner": {"account": NUMBER, "user": "ann", "certainty": "exact",
              "reason": "list-access-keys names the key and its user", "places": [CELL],
              "candidates": [], "more": 0, "excluded": 0},
    "status": "active",
    "status_evidence": {"reason": "list-access-keys says Active", "certain": True,
                        "places": [CELL]},
    "exposure": {"what": "secret", "since": "2026-03-01T12:00:00Z",
                 "until": "2026-06-09T12:00:00Z", "days": 100, "open": True,
                 "at_most": False},
    "blast_radius": {"level": "limited", "principal": arn("user/ann"),
                     "worst_case": "Whoever has it can read stored data.", "paths": 0,
                     "conditional_paths": 0, "reasons": [], "route": [], "roles": [],
                     "capabilities": [], "more_roles": 0, "owner_proven": True},
    "severity": "high",
    "pair_proven": False,
    "pairing": "on the next line",
    "facts": {"user": None, "region": None, "service": None, "expires": None, "proven": None,
              "label": None},
    "timeline": [on("2025-01-01", "created"), on("2026-03-01", "leaked"),
                 on("2026-06-01", "last used"), on("2026-06-09", "report")],
    "steps": [{"reason": "See what will stop.", "command": "aws iam first"},
              {"reason": "Switch it off.", "command": "aws iam second"},
              {"reason": "Take it out of the files.", "command": None}],
    "account_links": [],
    "occurrences": [_OCCURRENCE],
    "set_aside": None,
}  # fmt: skip


def leak(n=1, **changes):
    """The n-th credential; of what is nested, only the fields that are named differ."""
    made = copy.deepcopy(_LEAK) | {"id": f"cred-{n:016x}", "key_id": key_id(n)}
    for name, value in changes.items():
        nested = isinstance(value, dict)
        made[name] = made[name] | value if nested else value
    return made


def inferred(*candidates, **more):
    """An owner of whom nobody is certain."""
    return {"account": NUMBER, "user": None, "certainty": "inferred", "places": [],
            "reason": "no export names the key; these could own it by the dates, likeliest first",
            "candidates": list(candidates)} | more  # fmt: skip


def unseen(user, *, compared=True, n=9):
    """A key that is on and that nobody saw."""
    return {"user": user, "key_id": key_id(n) if compared else None, "slot": 1, "days": 40,
            "created": "2026-05-01T00:00:00Z", "compared": compared, "place": CELL}  # fmt: skip


def joined(report, *leaks, repositories=(REPOSITORY,), keys=(), marks=()):
    """The report with these credentials, repositories, marks, and keys that nobody saw."""
    changed = copy.deepcopy(report)
    changed["credentials"], changed["suppressions"] = list(leaks), list(marks)
    changed["coverage"]["repositories"] = list(repositories)
    for number, account in enumerate(changed["accounts"]):
        account["keys_not_seen"] = None if not repositories else [] if number else list(keys)
    return changed
