"""Pages and API."""

from . import api, board, figure, operations

routers = (api.router, board.router, figure.router, operations.router)
