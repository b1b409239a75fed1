"""The backup's file, and how places move to a log without gaps."""

import zipfile
from array import array
from contextlib import closing

import bson
import pytest
from aiokafka import ConsumerRecord

from deploy.backup.archive import Archive, Manifest, writing
from deploy.backup.places import Places
from deploy.backup.taking import Kept
from deploy.local.checks import Trouble

MANIFEST = ("liaison", "2026-01-01T00:00:00+00:00", "0.1.0", "6.0.5")


def write(path, documents=({"_id": 1}, {"_id": 2})):
    with writing(path) as archive:
        with archive.member("store/requests/events.bson") as add:
            for one in documents:
                add(bson.encode(one))
        archive.finish(Manifest(*MANIFEST))


def message(name: str, offset: int) -> ConsumerRecord:
    return ConsumerRecord("t", 0, offset, 0, 0, b"k", b"v", None, -1, -1, (("ce_id", name.encode()),))


def test_what_is_written_is_read_and_its_owner_alone_may(tmp_path):
    path = tmp_path / "a.backup"
    write(path)
    assert path.stat().st_mode & 0o777 == 0o600
    with closing(Archive(path)) as archive:
        archive.verify()
        assert [one["_id"] for one in archive.documents("store/requests/events.bson")] == [1, 2]
        assert archive.names("store") == [("store/requests/events.bson", "requests", "events")]


def test_a_backup_that_is_broken_off_leaves_no_file(tmp_path):
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "a.backup"):
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_a_changed_byte_a_cut_file_a_foreign_one_and_a_newer_format_are_refused(tmp_path):
    path = tmp_path / "a.backup"
    write(path, [{"_id": number, "text": "x" * 50} for number in range(200)])
    whole = path.read_bytes()
    at = whole.index(b"events.bson") + 60
    path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
    with pytest.raises(Trouble, match="damaged"), closing(Archive(path)) as archive:
        archive.verify()
    path.write_bytes(whole[:-30])
    with pytest.raises(Trouble, match="no backup"):
        Archive(path)
    path.write_bytes(b"something else")
    with pytest.raises(Trouble, match="no backup"):
        Archive(path)
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("manifest.json", '{"format": 99}')
    with pytest.raises(Trouble, match="format 99"):
        Archive(path)


def test_places_move_to_a_log_without_gaps_under_another_name():
    places = Places("liaison", "copy")
    places.offsets["events", 2] = array("q", [0, 1, 5, 9])
    group = places.rewriting("offsets")({"_id": "liaison-kpi/liaison.events/2", "next": 6})
    assert group == {"_id": "copy-kpi/copy.events/2", "next": 3}
    letter = places.rewriting("dead")(
        {"_id": "liaison.events/2/5", "topic": "liaison.events", "partition": 2, "order": 5}
    )
    assert (letter["_id"], letter["topic"], letter["order"]) == ("copy.events/2/2", "copy.events", 2)
    block = {"_id": "liaison.events/2/spans/2024", "topic": "liaison.events", "partition": 2, "at": 10}
    moved = places.rewriting("blocks")(block | {"spans": {"2024-01-01": [0, 2], "2024-01-02": [5, 10]}})
    assert moved["_id"] == "copy.events/2/spans/2024"
    assert (moved["at"], moved["spans"]) == (4, {"2024-01-01": [0, 2], "2024-01-02": [2, 4]})
    late = {"_id": "liaison.events/2/m.1/2024-01/replayed-5", "topic": "liaison.events", "partition": 2, "at": 6}
    late = places.rewriting("blocks")(late | {"replayed": 5})
    assert (late["_id"], late["replayed"], late["at"]) == ("copy.events/2/m.1/2024-01/replayed-2", 2, 3)
    assert places.rewriting("streams") is None


def test_the_log_is_kept_as_far_as_the_store_goes():
    kept = Kept({"request-1": 2})
    log = [message(name, at) for at, name in enumerate(("request-1@1", "1", "request-1@1", "request-1@2"))]
    assert [kept.keeps(one, worked=2) for one in log] == [True] * 4
    assert (kept.events, kept.foreign, kept.gap) == (2, 2, "")
    assert not kept.keeps(message("request-1@3", 4), worked=2)  # stored after the moment
    assert not kept.keeps(message("request-9@1", 5), worked=2)
    assert kept.keeps(message("request-9@1", 1), worked=2)  # worked, so it cannot be later: somebody else's
    cut = Kept({"request-1": 3})
    assert cut.keeps(message("request-1@2", 0), worked=0)
    assert cut.gap == "request-1"
