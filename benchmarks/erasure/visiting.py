"""A browser without JavaScript that fills every field of a form with the planted person."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

SKIPPED = {"submit", "button", "image", "reset", "hidden", "checkbox", "radio", "number", "date", "datetime-local"}


@dataclass(frozen=True)
class Planted:
    """The person, and how each kind of field names them."""

    token: str
    """Part of name and address, and of nothing else anywhere."""

    @property
    def name(self) -> str:
        return f"Žofie {self.token.capitalize()}"

    @property
    def address(self) -> str:
        return f"zofie.{self.token}@example.eu"

    def text(self, most: int = 10_000) -> str:
        whole = f"{self.token.capitalize()}, Žofie asked for it: write to {self.address.upper()} or call {self.name}."
        return whole if len(whole) <= most else self.name[:most]

    def file(self, kind: str = "txt") -> tuple[str, bytes]:
        return f"{self.name.replace(' ', '_')}.{kind}", f"Notes of {self.name}, {self.address}\n".encode()


@dataclass
class Form:
    action: str
    multipart: bool = False
    values: dict[str, list[str]] = field(default_factory=dict)
    texts: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Name -> type and most characters."""
    files: list[str] = field(default_factory=list)


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._open: Form | None = None
        self._select: tuple[str, list[tuple[str, bool]]] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            multipart = given.get("enctype") == "multipart/form-data"
            self._open = Form(given.get("action", ""), multipart)
            if given.get("method", "get").lower() == "post":
                self.forms.append(self._open)
        elif self._open is not None and tag in ("input", "textarea") and given.get("name"):
            self._field(self._open, tag, given, {name for name, _ in attrs})
        elif self._open is not None and tag == "select":
            self._select = (given.get("name", ""), [])
        elif tag == "option" and self._select is not None:
            self._select[1].append((given.get("value", ""), "selected" in given))

    def _field(self, form: Form, tag: str, given: dict[str, str], flags: set[str]) -> None:
        name, kind = given["name"], given.get("type", "text") if tag == "input" else "text"
        if kind == "file":
            form.files.append(name)
        elif kind not in SKIPPED:
            form.texts[name] = (kind, int(given.get("maxlength") or 10_000))
        elif kind == "hidden" or ("checked" in flags if kind in ("checkbox", "radio") else given.get("value")):
            form.values.setdefault(name, []).append(given.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select" and self._select is not None and self._open is not None:
            name, options = self._select
            chosen = [value for value, selected in options if selected] or [value for value, _ in options if value]
            self._open.values[name] = chosen[:1]
            self._select = None


class Visitor:
    """`planted` counts the fields, file names and files that carried the person in."""

    def __init__(self, base_url: str, who: Planted, *, key: str = "") -> None:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.AsyncClient(
            base_url=base_url, follow_redirects=True, timeout=60, trust_env=False, headers=headers
        )
        self.who, self.planted = who, 0

    async def sign_in(self, subject: str) -> "Visitor":
        answer = await self.http.post("/sign-in", data={"subject": subject})
        assert answer.status_code == 200, (subject, answer.status_code)
        return self

    async def see(self, path: str) -> httpx.Response:
        answer = await self.http.get(path)
        assert answer.status_code == 200, (path, answer.status_code, answer.text[:500])
        return answer

    async def forms(self, path: str) -> list[Form]:
        parser = _Forms()
        parser.feed((await self.see(path)).text)
        return parser.forms

    async def fill(self, path: str, ends: str = "", *, refused: bool = False, **given: Any) -> httpx.Response:
        """Fill in the form of the page whose action ends so: what is `given`, and the person everywhere else."""
        found = [
            one
            for one in await self.forms(path)
            if one.action.split("?")[0].endswith(ends or path.split("?", maxsplit=1)[0])
        ]
        assert found, (path, ends, [one.action for one in await self.forms(path)])
        return await self.send(found[0], refused=refused, **given)

    async def send(self, form: Form, *, refused: bool = False, **given: Any) -> httpx.Response:
        data: dict[str, Any] = dict(form.values)
        for name, (kind, most) in form.texts.items():
            if name not in given:
                data[name] = self._planted(kind, most)
                self.planted += 1
        files = []
        for name in form.files:
            if name not in given:
                files.append((name, self.who.file()))
                self.planted += 2
        files += [(name, value) for name, value in given.items() if isinstance(value, tuple)]
        data |= {name: value for name, value in given.items() if not isinstance(value, tuple)}
        answer = await self.http.post(form.action, data=data, files=files or None)
        assert answer.status_code < 500, (form.action, answer.status_code)
        assert refused or answer.status_code == 200, (form.action, answer.status_code, _said(answer.text))
        return answer

    def _planted(self, kind: str, most: int) -> str:
        if kind == "email":
            return self.who.address
        if kind == "url":
            return f"https://example.eu/?of={self.who.address}"
        return self.who.text(most)

    async def ask(self, path: str, body: dict[str, Any], *, planted: int = 0, **headers: str) -> httpx.Response:
        """A JSON API; what refuses answers with a sentence, and never fails."""
        answer = await self.http.post(path, json=body, headers=headers)
        assert answer.status_code < 500, (path, answer.status_code, answer.text[:500])
        self.planted += planted
        return answer

    async def close(self) -> None:
        await self.http.aclose()


def _said(html: str) -> str:
    start = max(html.find('role="alert"'), html.find('id="main"'))
    return html[start : start + 1_500]
