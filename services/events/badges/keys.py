"""The networks' signing keys: made when first needed, kept encrypted, replaced at any time; public ones stay."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo.errors import DuplicateKeyError

from services.events.sealed import Sealed
from shared import clock
from shared.mongo import Database
from shared.profiles import load
from shared.settings import Settings

from .credential import Issuer
from .signing import multikey

COLLECTION = "signing_keys"


@dataclass(frozen=True, slots=True)
class Signer:
    issuer: Issuer
    method: str
    """The address of the public key."""
    key: Ed25519PrivateKey


def issuer_of(network: str, settings: Settings) -> Issuer:
    """The network as `did:web`: its keys are found at `/certificates/issuers/<network>/did.json`."""
    base = urlsplit(settings.base_url.rstrip("/"))
    path = "".join(f":{part}" for part in base.path.split("/") if part)
    did = f"did:web:{quote(base.netloc, safe='.-')}{path}:certificates:issuers:{network}"
    return Issuer(did, load(network).name, f"{settings.base_url.rstrip('/')}/")


class SigningKeys:
    def __init__(self, db: Database, settings: Settings) -> None:
        self._keys, self._settings = db[COLLECTION], settings
        self._sealed = Sealed(settings, "signing keys")

    async def signer(self, network: str) -> Signer:
        """The network's present key; a first one, or one for a new secret of the installation, is made here."""
        last = await self._last(network)
        opened = self._sealed.open(last["sealed"]) if last else None
        if last is None or opened is None:
            return await self.renew(network)
        return self._signer(network, last["number"], Ed25519PrivateKey.from_private_bytes(bytes.fromhex(opened)))

    async def renew(self, network: str) -> Signer:
        """Sign with a new key from now on; what earlier ones signed stays signed."""
        last = await self._last(network)
        number, key = (last["number"] if last else 0) + 1, Ed25519PrivateKey.generate()
        document = {
            "_id": f"{network}/{number}", "network": network, "number": number, "made": clock.now(),
            "public": multikey(key.public_key()), "sealed": self._sealed.seal(key.private_bytes_raw().hex()),
        }  # fmt: skip
        try:
            await self._keys.insert_one(document)
        except DuplicateKeyError:  # somebody else made it in this moment
            return await self.signer(network)
        return self._signer(network, number, key)

    async def public(self, network: str) -> dict[str, str]:
        """Every public key by the name that its address ends in, oldest first."""
        found = self._keys.find({"network": network}).sort("number", 1)
        return {f"key-{one['number']}": one["public"] async for one in found}

    async def made(self, network: str) -> Any:
        """When the present key was made; none where there is none yet."""
        last = await self._last(network)
        return last["made"] if last else None

    async def _last(self, network: str) -> Any:
        return await self._keys.find_one({"network": network}, sort=[("number", -1)])

    def _signer(self, network: str, number: int, key: Ed25519PrivateKey) -> Signer:
        issuer = issuer_of(network, self._settings)
        return Signer(issuer, f"{issuer.id}#key-{number}", key)
