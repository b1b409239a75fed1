"""A command on what somebody saw: it counts only while the thing has not moved on since."""

from shared.contracts.refused import Refused

CODE = "changed-meanwhile"
SENTENCE = "Somebody changed this since you opened it. Look at what changed, then save again."


class Stale(Refused):
    """The stream stands at `current`, not at the version that the sender saw. Found under the stream's own guard.

    It leaves no receipt: the same command may be sent again once its sender has looked.
    """

    def __init__(self, stream: str, seen: int, current: int) -> None:
        super().__init__(CODE, SENTENCE, status=409)
        self.stream, self.seen, self.current = stream, seen, current
