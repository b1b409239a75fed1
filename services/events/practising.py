"""The streams and use cases of good practices: the annual call, drafts, reviews, the library, reuse."""

from collections.abc import Mapping, Sequence
from functools import partial

from services.events.commands.practice import (
    AboutPractice,
    ClosePracticeCall,
    DraftPractice,
    NameReviewers,
    OpenPracticeCall,
    RecordReuse,
    ReturnPractice,
    ReviewPractice,
    SubmitPractice,
    TakeBackRecognition,
    UnpublishPractice,
)
from services.events.domain import practice, themes
from services.events.domain.practice import Practice
from services.events.domain.themes import Themes, theme_id
from shared.contracts.refused import Refused
from shared.files import File, Files
from shared.ids import fixed_id, new_id
from shared.profiles import Profile, load
from shared.spine.aggregate import Aggregate, Deadline
from shared.spine.draft import Appended, Beside, Following, Put, Receipt, Remove
from shared.spine.origin import Origin
from shared.spine.store import Store

PRACTICE = Aggregate("practice", Practice, practice.evolve)
THEMES = Aggregate(
    "themes",
    Themes,
    themes.evolve,
    deadlines=lambda stream, event: [Deadline(*one) for one in themes.falls_due(stream, event)],
)
FORMS, REVIEWS, REUSES, REASONS, CALLS = (
    "practices", "practice_reviews", "practice_reuses", "practice_reasons", "practice_calls",
)  # fmt: skip
BOUND = ("member", "topic")
"""Fields of the form that are chosen, not written."""
MOST_FILES = 20


def call_of(network: str, year: int) -> str:
    return fixed_id("themes", network, str(year))


def id_for_new(origin: Origin) -> str:
    """The id of a practice to be drafted: the same for the same command id."""
    return fixed_id("practice", origin.network, origin.receipt_id) if origin.receipt_id else new_id("practice")


async def open_call(command: OpenPracticeCall, store: Store) -> Receipt:
    """Ask for practices; what the themes are called is kept beside."""
    stream = call_of(store.origin.network, command.year)
    words = {theme_id(number): title for number, title in enumerate(command.themes)}
    kept = Put(CALLS, stream, {"network": store.origin.network, "year": command.year, "themes": words})
    return await store.execute(stream, command, themes.decide, [kept])


async def close_call(command: ClosePracticeCall, store: Store) -> Receipt:
    return await store.execute(command.call, command, themes.decide)


def required(profile: Profile) -> tuple[str, ...]:
    """The fields without which a practice is not submitted."""
    return tuple(one.id for one in profile.practice_fields if one.required and one.id not in BOUND)


async def draft(command: DraftPractice, store: Store, before: Mapping[str, str]) -> Receipt:
    """Keep the answers so far; `before` are those that stand."""
    profile = load(store.origin.network)
    known = {one.id for one in profile.practice_fields} - set(BOUND)
    if not profile.practice_fields or not set(command.fields) <= known:
        raise Refused("no-such-field", "This network's form has no such field.", status=422)
    if profile.member(command.member) is None:
        raise Refused("no-such-member", "This is no member of the network.", status=422)
    year = 0
    if command.call:
        call: Themes = await store.load(command.call)
        if command.theme not in call.themes:
            raise Refused("no-such-theme", "Choose a theme of the call.", status=422)
        year = call.year
    fields = {name: text for name, text in {**before, **command.fields}.items() if text}
    changed = [name for name in known if fields.get(name, "") != before.get(name, "")]
    decide = partial(practice.draft, year=year, filled=list(fields), changed=changed)
    network = store.origin.network
    kept = {"network": network, "member": command.member, "call": command.call, "fields": fields}
    return await store.execute(command.practice, command, decide, [Put(FORMS, command.practice, kept)])


async def submit(command: SubmitPractice, store: Store) -> Receipt:
    network = store.origin.network
    state: Practice = await store.load(command.practice)
    is_open = False
    if state.year:
        call: Themes = await store.load(call_of(network, state.year))
        is_open = call.open
    decide = partial(practice.submit, required=required(load(network)), call_open=is_open)
    return await store.execute(command.practice, command, decide)


async def name_reviewers(command: NameReviewers, store: Store, members: Mapping[str, str | None]) -> Receipt:
    """`members`: who may review, with the member each belongs to."""
    return await store.execute(command.practice, command, partial(practice.name_reviewers, members=members))


async def review(command: ReviewPractice, store: Store, member: str | None) -> Receipt:
    """Scores go on the log, words beside; said again, what this reviewer wrote before is gone."""
    state: Practice = await store.load(command.practice)
    before = state.reviews.get(command.reviewer)
    criteria = [one.id for one in load(store.origin.network).practice_criteria]
    beside: list[Beside] = []
    if any(command.remarks.values()):
        command = command.model_copy(update={"words": new_id("words")})
        about = {"network": store.origin.network, "practice": command.practice, "remarks": command.remarks}
        beside.append(Put(REVIEWS, command.words, about))
    if before and before.words:
        beside.append(Following(partial(_replaced, words=before.words)))
    decide = partial(practice.review, member=member, criteria=criteria)
    return await store.execute(command.practice, command, decide, beside)


def _replaced(appended: Sequence[Appended], *, words: str) -> list[Put | Remove]:
    return [Remove(REVIEWS, words)] if appended else []


Reasoned = ReturnPractice | UnpublishPractice | TakeBackRecognition


async def with_reason(command: Reasoned, store: Store) -> Receipt:
    """What takes something back; the reason is kept beside."""
    command = command.model_copy(update={"words": new_id("reason") if command.reason else ""})
    beside: list[Beside] = []
    if command.words:
        kept = {"network": store.origin.network, "about": command.practice, "reason": command.reason}
        beside.append(Put(REASONS, command.words, kept))
    return await store.execute(command.practice, command, practice.decide, beside)


async def change(command: AboutPractice, store: Store) -> Receipt:
    """What the practice decides by itself: publish, withdraw, recognise, take a reuse back."""
    return await store.execute(command.practice, command, practice.decide)


async def record_reuse(command: RecordReuse, store: Store) -> Receipt:
    """Another member applies it; how is kept beside."""
    if load(store.origin.network).member(command.by) is None:
        raise Refused("no-such-member", "This is no member of the network.", status=422)
    beside: list[Beside] = []
    if command.how:
        about = {"network": store.origin.network, "practice": command.practice, "how": command.how}
        beside.append(Put(REUSES, command.reuse, about))
    return await store.execute(command.practice, command, practice.decide, beside)


async def attach(file: File, store: Store) -> Receipt:
    """A file goes with the draft; who may change it adds it."""
    return await store.execute(file.about, AboutPractice(practice=file.about), practice.change_files, [file.added])


async def detach(file: File, store: Store, files: Files) -> None:
    await store.execute(file.about, AboutPractice(practice=file.about), practice.change_files, [file.removed])
    await files.release([(file.network, file.hash)])
