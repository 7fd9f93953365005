"""Crashes in a database as ingest stores them, some of them as older rules would have named them."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import text

from db import crashes, defects, dumps, models, revisions, servers
from db.crashes import CrashFacts
from db.defects import Sighting
from db.dumps import DumpFacts
from tasks.core import matching, parsers
from tasks.core.matching import PatternIndex
from tasks.steps import reading, reanalysis
from tasks.steps.workspace import Workspace

NOW = datetime(2026, 11, 21, 3, 41, tzinfo=UTC)
SHOP = ("Shop::Price", "Shop::Sell", "Market::Trade")
BANK = ("Bank::Charge", "Bank::Close", "Market::Settle")
SOCKET = ("Socket::CloseSocket", "WorldSession::Update", "World::UpdateSessions", "World::Update")


def report(*functions: str) -> bytes:
    lines = [
        f"#{index}  0x0000555555555{index:03d} in {name} (this=0x0) at {name.split('::')[0]}.cpp:{index + 1}"
        for index, name in enumerate((*functions, "main"))
    ]
    return "\n".join(["Program terminated with signal SIGSEGV, Segmentation fault.", *lines, ""]).encode()


class Shelf:
    """Stores crashes as ingest does, some of them as older rules would have named them."""

    def __init__(self, room: Workspace, folder: Path) -> None:
        self.room, self.folder = room, folder

    def store(self, *functions: str, older: tuple[str, ...] = (), hours: int = 0) -> int:
        """Store the crash of a stack; ``older`` is the stack that the rules of its day saw in it."""
        with self.room.database.transaction() as session:
            count = session.execute(text("SELECT count(*) FROM dump")).scalar_one()
            path = self.folder / f"crash-{count}.txt"
            path.write_bytes(report(*functions))
            server = servers.ensure(session, "game")
            at = NOW + timedelta(hours=hours)
            dump_id = dumps.record(session, server, DumpFacts(path=str(path), inode=1, size=1, captured_at=at), [])
            assert dump_id is not None
            row = dumps.get(session, dump_id)
            assert row is not None
            row.sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
            seen = next(iter(parsers.parse(report(*(older or functions)))))
            understood = reading.understand(seen, self.room.lists, PatternIndex([]))
            sighting = Sighting(
                signature=understood.signature.signature,
                shape=matching.shape(understood.signature),
                keys=matching.keys(seen, understood.signature),
                occurred_at=at,
                build=None,
            )
            crash_id = crashes.add(
                session,
                CrashFacts(
                    server_id=server,
                    dump_id=dump_id,
                    capture=str(path.with_suffix("")),
                    report_hash=hashlib.sha256(f"{row.sha256}:0".encode()).hexdigest(),
                    occurred_at=at,
                    crash=seen,
                    signature=understood.signature,
                    assessment=understood.assessment,
                    placement=defects.place(session, sighting, None),
                    log_window=None,
                ),
            )
            assert crash_id is not None
            return crash_id

    def again(self, *crash_ids: int) -> list[int]:
        found = reanalysis._read_rows(self.room, list(crash_ids))
        return reanalysis._place_rows(self.room, found)

    def row(self, crash_id: int) -> models.Crash:
        with self.room.database.transaction() as session:
            row = crashes.get(session, crash_id)
            assert row is not None
            return row

    def defect(self, crash_id: int) -> models.Defect:
        with self.room.database.transaction() as session:
            defect = defects.get(session, self.row(crash_id).defect_id or 0)
            assert defect is not None
            return defect

    def history(self, crash_id: int) -> list[models.CrashRevision]:
        with self.room.database.transaction() as session:
            return revisions.of_crash(session, crash_id)

    def count(self, table: str) -> int:
        with self.room.database.transaction() as session:
            return int(session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one())

    def change(self, statement: str, **values: Any) -> None:
        with self.room.database.transaction() as session:
            session.execute(text(statement), values)
