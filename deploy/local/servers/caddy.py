"""Caddy, the front door: the Caddyfile that containers use too, with this stack's ports."""

from collections.abc import Mapping

from deploy.local.checks import LOOPBACK
from deploy.local.layout import ASSETS, CHECKOUT, STATIC, Layout
from deploy.local.packages import binaries
from deploy.local.process import Program
from deploy.local.servers.environment import bare, connects

FOLDER = CHECKOUT / "deploy" / "caddy"


def program(layout: Layout, port: int, services: Mapping[str, int]) -> Program:
    """The front door on `port`, leading to the services' ports (by the services' names)."""
    own = layout.data / "caddy"
    own.mkdir(exist_ok=True)
    env = bare(layout) | {
        "XDG_DATA_HOME": str(own),
        "XDG_CONFIG_HOME": str(own),
        "LIAISON_SITE": f"http://:{port}",
        "LIAISON_BIND": LOOPBACK,
        "LIAISON_ASSETS": str(ASSETS),
        "LIAISON_STATIC": str(STATIC),
        "LIAISON_DOOR_PAGES": str(FOLDER / "pages"),
    }
    env |= {f"LIAISON_{name.upper()}": f"{LOOPBACK}:{service}" for name, service in services.items()}
    command = (str(binaries.caddy()), "run", "--config", str(FOLDER / "Caddyfile"), "--adapter", "caddyfile")
    return Program("caddy", command, env, lambda: connects(port), stop_within=5)
