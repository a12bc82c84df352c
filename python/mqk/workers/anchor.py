"""Anchor: signs the heads of the diary's chains and publishes them in a file outside the database.

    claim_anchor -> sign -> append to the file, on the disk -> record_anchor

The database says what is due; the key never leaves this process. The file comes first: a crash between
the two is found by the next claim, which records the file's last line and signs nothing twice.
"""

from __future__ import annotations

from mqk.db import call, call_row
from mqk.log import log
from mqk.worker import Job, Tick
from mqk.workers.wires import wire_anchor

MOST = 1000  # anchors of one tick


def tick(t: Tick) -> int:
    """Publish and record what is due; give how many anchors that were."""
    t.lead()
    book, signer = t.wires["book"], t.wires["signer"]
    for done in range(MOST):
        told = {"file_end": book.read_end(), "key_id": signer.key_id}
        due = call_row(t.conn, "io.claim_anchor", **t.lease, **told, now_at=t.now)
        if due is None:
            return done
        anchor = due["anchor"]
        name = book.files[-1].name if due["is_signed"] else ""
        if not due["is_signed"]:
            anchor = signer.sign(anchor)
            name = book.append(anchor)
        call(t.conn, "io.record_anchor", **t.lease, anchor=anchor, file_name=name, now_at=t.now)
        log(t.kind, "anchored", no=anchor["anchor_no"], hash=anchor["anchor_hash"], file=name)
    return MOST


JOB = Job("anchor", tick, "mqk_run", wire_anchor, acts=False)
