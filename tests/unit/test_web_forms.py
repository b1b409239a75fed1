"""Forms: nothing typed is lost, everything wrong is said in words."""

from datetime import date

import httpx
import pytest
from pydantic import BaseModel, Field, field_validator

from shared.contracts.refused import Refused
from shared.web import i18n
from shared.web.forms import Form
from shared.web.stale import Changed
from tests.support.sample_app import Ask, the_sample_app


class Place(BaseModel):
    city: str
    seats: int = 10


class Visit(BaseModel):
    place: Place
    day: date
    tags: list[str] = []
    weeks: tuple[int, ...] | None = None
    note: str = Field("", max_length=5)

    @field_validator("note")
    @classmethod
    def _kind(cls, value: str) -> str:
        if value == "bad":
            raise ValueError("Say it kindly.")
        return value


@pytest.fixture(autouse=True)
def english():
    i18n.use("en")


def test_a_model_is_built_from_what_was_typed_and_what_is_fixed():
    form = Form(
        {"place.city": [" Sofia "], "day": ["2024-10-15"], "tags": ["a", "", "b"], "note": [""], "_csrf": ["x"]}
    )
    visit = form.build(Visit, weeks=(3,))
    assert visit == Visit(place=Place(city="Sofia"), day=date(2024, 10, 15), tags=["a", "b"], weeks=(3,))
    assert form.errors == {}


def test_every_error_has_its_field_and_a_sentence():
    form = Form({"place.city": [""], "place.seats": ["many"], "day": ["31.2."], "note": ["far too long"]})
    assert form.build(Visit) is None
    assert form.errors == {
        "place.city": "Fill this in.",
        "place.seats": "Write a whole number in digits.",
        "day": "Write a date and time that exist, as the field shows.",
        "note": "Shorten this to 5 characters at most.",
    }


def test_a_rule_of_the_model_speaks_for_itself():
    form = Form({"place.city": ["Sofia"], "day": ["2024-10-15"], "note": ["bad"]})
    assert form.build(Visit) is None
    assert form.errors == {"note": "Say it kindly."}


def test_an_error_of_ones_own_stops_the_build():
    form = Form.of(title="Induction", participants=3, languages=["bg"])
    form.fail("title", "There is one already.")
    assert form.build(Ask) is None


def test_a_refusal_stands_above_the_form():
    form = Form.of(title="Induction")
    assert form.refuse(Refused("plan-adopted", "The plan is adopted.", status=409)) == 409
    assert form.errors == {"": "The plan is adopted."}


def test_a_nested_name_that_fits_no_model_is_an_error_not_a_crash():
    assert Form({"place": ["x"], "place.city": ["Sofia"], "day.a.b": ["1"]}).build(Visit) is None


def test_the_hidden_fields_are_read_with_care():
    form = Form({"_version": ["7"], "_command": ["c-1"]})
    assert (form.version, form.command_id) == (7, "c-1")
    assert Form({"_version": ["-7"]}).version is None
    assert Form().command_id != Form().command_id


def posted(shown: Form, **typed: str | list[str]) -> Form:
    """The form as a browser sends it: what was shown, and over it what was typed."""
    fields = {name: shown.all(name) for name in shown._values}
    fields |= {name: [value] if isinstance(value, str) else value for name, value in typed.items()}
    return Form({**fields, "_command": ["c"], "_version": ["3"], "_was": [shown.was]})


def test_a_stale_edit_shows_what_its_sender_changed_and_takes_the_rest_as_it_stands():
    shown = Form.of(title="Old", place="Riga", languages=("bg", "en"), days=3)
    theirs = Form.of(title="Theirs", place="Oslo", languages=("en", "bg"), days=3, help="New")
    form = posted(shown, title="Mine", languages=["en", "bg"])
    assert form.stale(Changed(4, []), theirs) == 409
    assert form.conflict is not None
    assert [(one.field, one.theirs, one.mine) for one in form.conflict.differences] == [
        ("title", ("Theirs",), ("Mine",))
    ]
    assert (form["title"], form["place"], form["help"]) == ("Mine", "Oslo", "New")
    again = posted(theirs, title="Mine")
    again.stale(Changed(5, []), Form.of(title="Theirs", place="Bonn", languages=("bg", "en"), days=3, help="New"))
    assert [one.field for one in again.conflict.differences] == ["title"]
    assert again["place"] == "Bonn"


def test_a_stale_edit_from_a_form_without_marks_shows_all_that_differs():
    form = Form({"title": ["Mine"], "place": ["Riga"], "_command": ["c"]})
    form.stale(Changed(4, []), Form.of(title="Theirs", place="Oslo"))
    assert [one.field for one in form.conflict.differences] == ["title", "place"]
    assert form["place"] == "Riga"


def test_what_was_taken_out_by_either_is_told_apart():
    shown = Form.of(why="Because", note="Bring a coat")
    form = posted(shown, why="")
    form.stale(Changed(4, []), Form.of(why="Because"))
    assert [(one.field, one.theirs, one.mine) for one in form.conflict.differences] == [("why", ("Because",), ())]
    assert form["note"] == ""


async def test_what_was_typed_comes_back_with_its_errors():
    transport = httpx.ASGITransport(the_sample_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        await http.post("/sign-in", data={"subject": "bg"})
        page = (await http.get("/requests/new")).text
        token = page.split('name="_csrf" value="')[1].split('"')[0]
        typed = {
            "title": 'x"<b>',
            "participants": "0",
            "languages": ["en"],
            "why": "a\r\nb",
            "_csrf": token,
            "_command": "c-9",
        }
        answer = await http.post("/requests/new", data=typed)
    assert answer.status_code == 422
    assert 'value="x&#34;&lt;b&gt;"' in answer.text
    assert ">\na\nb</textarea>" in answer.text
    assert 'value="en" checked' in answer.text
    assert 'name="_command" value="c-9"' in answer.text
    assert 'name="_version" value="7"' in answer.text
    assert '<a href="#f-participants">Participants</a>: Write 1 or more.' in answer.text
    assert 'aria-describedby="f-participants-error"' in answer.text
    assert "One answer needs a look" in answer.text
