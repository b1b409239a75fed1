"""Pages of good practices: the library, one practice, the form, reviewing, the call."""

from . import deciding, library, story, writing

routers = (library.router, writing.router, deciding.router, story.router)
