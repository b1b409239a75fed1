"""A mistake in a profile is told with its file and line."""

import shutil
from pathlib import Path

import pytest

from shared.contracts.vocabulary import MEMBER_STATES
from shared.people import normal_address
from shared.profiles import NETWORKS, ProfileError, load
from shared.profiles.loader import FOLDER, read
from shared.profiles.persons import local_persons, read_persons


@pytest.fixture
def broken(tmp_path):
    """Reads ELA's profile after one change to its text."""

    def break_it(old: str, new: str):
        text = (FOLDER / "ela.toml").read_text("utf-8")
        assert old in text
        line = text[: text.index(old)].count("\n") + 1
        (tmp_path / "ela.toml").write_text(text.replace(old, new, 1), "utf-8")
        for form in FOLDER.glob("*-form.toml"):
            shutil.copy(form, tmp_path)
        with pytest.raises(ProfileError) as caught:
            read(tmp_path / "ela.toml")
        return str(caught.value), f"ela.toml, line {line}: "

    return break_it


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('zone = "Europe/Bratislava"', "zone = Europe", "Invalid value"),
        ('line = "mediation-trainings"\nactivity', 'line = "nowhere"\nactivity', "No plan has a line 'nowhere'"),
        ('posting-360 = { title = "POSTING 360 activity"', 'posting-360 = { titel = "x"', "activity_kinds.posting-360"),
        ('pillar = "cooperation" }\nposting', 'pillar = "x" }\nposting', "There is no pillar 'x'"),
        ('reading = "members-invited"', 'reading = "guessed"', "There is no reading 'guessed'"),
        ('date_as_quoted = "May 2023"', "date_as_quoted = 2023", "history.1.date_as_quoted: "),
        ('id = "ela"', 'id = "ale"', "the file's name 'ela'"),
        ('eurofound = { title = "Eurofound"', 'eurofound = { title = 3', "partners.eurofound.title: "),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_and_line(broken, old, new, sentence):
    told, where = broken(old, new)
    assert where in told
    assert sentence in told


def test_a_missing_key_is_told_by_the_table_that_lacks_it(broken):
    told, _ = broken('title = "Training on the mediation procedure"\n', "")
    text = (FOLDER / "ela.toml").read_text("utf-8")
    line = text[: text.index("[request_kinds.mediation-training]")].count("\n") + 1
    assert f"ela.toml, line {line}: request_kinds.mediation-training.title" in told


def test_the_local_persons_cover_every_role_and_member():
    persons = local_persons()
    by_subject = {person.subject: person for person in persons}
    assert len(by_subject) == len({normal_address(person.email) for person in persons}) == len(persons)
    for code in MEMBER_STATES:
        assert by_subject[f"ela-nlo-{code.lower()}"].member == code
    for role in ("coordinator", "organiser", "board", "operator"):
        assert by_subject[f"ela-{role}"].roles == (role,)
    for network in NETWORKS:
        assert {"coordinator", "organiser", "nlo"} <= {
            role for person in persons if person.network == network for role in person.roles
        }
    assert by_subject["ela-participant-bg-1"].member == "BG"
    assert all(person.email.endswith(".example.test") for person in persons)
    assert all(load(person.network).member(person.member) for person in persons if person.member)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ('roles = ["king"], member = "BG", language = "bg", email = "a@b.test"', "There is no role king"),
        ('roles = ["nlo"], member = "XX", language = "bg", email = "a@b.test"', "XX is not a member of ELA"),
        ('roles = ["nlo"], member = "BG", language = "bg"', "Missing: email"),
        ('roles = ["nlo"], language = "bg", email = "a@b.test", age = 3', "Unknown: age"),
        ('roles = ["nlo"], language = "bg", email = "taken@b.test"', "belongs to another person"),
    ],
)
def test_a_mistaken_person_is_told_with_the_line(tmp_path: Path, row, sentence):
    file = tmp_path / "persons.toml"
    file.write_text(
        '[ela]\nfirst = { name = "F", email = "taken@b.test", roles = [], language = "en" }\n'
        f'second = {{ name = "A", {row} }}\n',
        "utf-8",
    )
    with pytest.raises(ProfileError, match=sentence) as caught:
        read_persons(file)
    assert str(caught.value).startswith("persons.toml, line 3: ela.second: ")
