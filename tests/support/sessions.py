"""Sessions of one process without a database."""

from dataclasses import replace
from datetime import UTC, datetime

from shared.people.sessions import Session, owner_of


class SessionsInMemory:
    """A `SessionStore` that ends with the process."""

    def __init__(self) -> None:
        self._rows: dict[str, Session] = {}

    async def open(self, session: Session) -> None:
        self._rows[session.id] = session

    async def find(self, session_id: str) -> Session | None:
        found = self._rows.get(session_id)
        return found if found and found.expires > datetime.now(UTC) else None

    async def seen(self, session_id: str) -> None:
        if found := self._rows.get(session_id):
            self._rows[session_id] = replace(found, seen=datetime.now(UTC))

    async def claim(self, session: Session, until: datetime) -> bool:
        found = self._rows.get(session.id)
        if found is None or found.due != session.due:
            return False
        self._rows[session.id] = replace(found, due=until)
        return True

    async def renew(self, session: Session) -> None:
        if session.id in self._rows:
            self._rows[session.id] = session

    async def end(self, session_id: str) -> None:
        self._rows.pop(session_id, None)

    async def of(self, session: Session) -> list[Session]:
        owner = owner_of(session).items()
        mine = [row for row in self._rows.values() if all(getattr(row, name) == value for name, value in owner)]
        return sorted(mine, key=lambda row: row.begun, reverse=True)

    async def end_all(self, session: Session) -> None:
        for row in await self.of(session):
            await self.end(row.id)

    async def end_of_subjects(self, subjects: list[str]) -> None:
        self._rows = {key: row for key, row in self._rows.items() if row.subject not in subjects}

    async def end_at_provider(self, login: str, sid: str) -> None:
        self._rows = {
            key: row
            for key, row in self._rows.items()
            if (login and row.login != login) or (sid and row.sid != sid)
        }  # fmt: skip
