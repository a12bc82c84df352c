"""One error for everything that can be refused: a code, the law that was broken, the values, the fix.

Codes that begin with MQ are registered in the database (core.error_codes, docs/errors.md); others are
Postgres' own SQLSTATEs. The exit code says what the caller should do (docs/architecture.md, errors).
"""

from __future__ import annotations

import psycopg

MISSING = "42883"  # no such function: Postgres' hint speaks of type casts
FIXABLE = ("22", "23", "3D", "3F", MISSING)
RETRY = ("40001", "40P01", "55P03", "57P", "08", "53")
BUSY_OUTSIDE = ("MQS70", "MQS71", "MQS72")  # a feed: rate limited, silent, unreadable
FIX_THE_CALL, REFUSED, INVARIANT_BROKE, TRY_AGAIN = 2, 3, 4, 75
EXIT_BY_KIND = {
    "MQA": FIX_THE_CALL,
    "MQN": FIX_THE_CALL,
    "MQS": REFUSED,
    "MQG": REFUSED,
    "MQI": INVARIANT_BROKE,
}


class MqkError(Exception):
    """A refusal: `code` (SQLSTATE), `law` (no values), `detail` (the values), `fix` (what to do)."""

    def __init__(self, code: str, law: str, detail: str = "", fix: str = "") -> None:
        super().__init__(f"{code}: {law}" + (f" ({detail})" if detail else ""))
        self.code, self.law, self.detail, self.fix = code, law, detail, fix

    def __reduce__(self) -> tuple[type[MqkError], tuple[str, str, str, str]]:
        """So that it can be told from one process to another."""
        return MqkError, (self.code, self.law, self.detail, self.fix)

    @property
    def exit_code(self) -> int:
        """2 fix the call, 3 a rule refuses, 4 an invariant broke or unknown, 75 try again later."""
        if self.code.startswith(RETRY) or self.code in BUSY_OUTSIDE:
            return TRY_AGAIN
        if self.code == "42501":
            return REFUSED
        fixable = self.code.startswith(FIXABLE)
        return EXIT_BY_KIND.get(self.code[:3], FIX_THE_CALL if fixable else INVARIANT_BROKE)

    def as_dict(self) -> dict[str, str]:
        """The error as the CLI prints it with --json."""
        return {"error": self.code, "law": self.law, "detail": self.detail, "fix": self.fix}


def from_postgres(error: psycopg.Error) -> MqkError:
    """Translate what Postgres says; a lost or refused connection becomes 08006 (try again later)."""
    diag = error.diag
    code = error.sqlstate or ("08006" if isinstance(error, psycopg.OperationalError) else "XX000")
    law = diag.message_primary or "the database cannot be reached"
    detail = diag.message_detail or ("" if diag.message_primary else str(error).strip())
    if code == "23514" and diag.constraint_name:
        law, detail = diag.constraint_name.replace("_", " "), law
    hint = None if code == MISSING else diag.message_hint
    fix = hint or FIXES.get(code, FIXES.get(code[:2], ""))
    return MqkError(code, law, detail, fix)


FIXES = {
    MISSING: "The database has another version than this program: mqk db status, mqk db deploy.",
    "08": "Is the database up? Look at MQK_DATABASE_URL, or start one: mqk db start.",
    "22": "Use a value of the right kind and size.",
    "23": "Use a value that the named rule allows.",
    "42": "Log in as a role that may do this, or deploy first: mqk db deploy.",
    "3D": "Create the database, or look at MQK_DATABASE_URL.",
    "3F": "Deploy first: mqk db deploy.",
}
