"""The use cases of certificates: who fulfils the rule gets one by itself; it is revoked, issued again, stacked."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from services.events.commands import CloseSurvey
from services.events.commands.certificate import (
    CompletePath,
    IssueCertificates,
    NameOnCertificate,
    RecordAssessment,
    ReissueCertificate,
    RevokeCertificate,
    SetCertificateRule,
    SetPath,
)
from services.events.domain import certificate, certification, path
from services.events.domain.activity import Activity
from services.events.domain.attendance import Attendance
from services.events.domain.certificate import Certificate
from services.events.domain.certification import Certification, Rule
from services.events.domain.path import Path
from services.events.domain.sessions import sessions_of
from services.events.domain.survey import Survey
from services.events.streams import attendance_of, survey_of
from services.events.vouchers import COLLECTION as TOKENS
from shared import clock
from shared.contracts.base import Command, Event
from shared.contracts.certificates import CertificateIssued
from shared.contracts.refused import Refused
from shared.ids import fixed_id, new_id
from shared.mongo import Database
from shared.profiles import Profile, load
from shared.spine.aggregate import Aggregate, Deadline, Decide
from shared.spine.draft import Put, Receipt
from shared.spine.service import Service
from shared.spine.store import GroupingStore, Store

NEWS = timedelta(days=14)
"""What was held longer ago is history: its certificates bear its own day, and nobody is written to."""
AT_ONCE = 150
NAMES = "certificate_names"


def certification_of(activity: str) -> str:
    """The stream of an activity's rule and assessment."""
    return "certification" + activity.removeprefix("activity")


def certificate_of(network: str, activity: str, registration: str) -> str:
    return fixed_id("certificate", network, activity, registration)


def _of_rule(stream: str, event: Event) -> Iterable[Deadline]:
    return [Deadline(*one) for one in certification.falls_due(event, clock.now())]


CERTIFICATION = Aggregate("certification", Certification, certification.evolve, deadlines=_of_rule)
CERTIFICATE = Aggregate("certificate", Certificate, certificate.evolve)
PATH = Aggregate("path", Path, path.evolve)
AGGREGATES = (CERTIFICATION, CERTIFICATE, PATH)


def rule_of(state: Certification, kind: str, profile: Profile) -> Rule:
    """The activity's own rule, else the network's for its kind."""
    if state.rule:
        return state.rule
    own = profile.certificates
    known = profile.activity_kinds.get(kind)
    offered = kind in own.kinds if own.kinds is not None else bool(known and known.is_training)
    return Rule(offered, own.share, own.assessment, own.feedback, own.months)


async def set_rule(command: SetCertificateRule, store: Store) -> Receipt:
    return await _of_activity(command, store)


async def record_assessment(command: RecordAssessment, store: Store) -> Receipt:
    return await _of_activity(command, store)


async def _of_activity(command: SetCertificateRule | RecordAssessment, store: Store) -> Receipt:
    state: Activity = await store.load(command.activity)
    decide = partial(certification.decide, activity=state)
    return await store.execute(certification_of(command.activity), command, decide)


async def loaded(store: Store, stream: str, otherwise: Any) -> Any:
    """The state of a stream that may not have begun."""
    try:
        return await store.load(stream)
    except Refused as refused:
        if refused.status != 404:
            raise
        return otherwise


async def issue_certificates(
    command: IssueCertificates, store: GroupingStore, db: Database, *, closing: bool = False
) -> list[str]:
    """Everybody who fulfils the rule and has none gets one; returns them. `closing`: the survey is about to close."""
    state: Activity = await store.load(command.activity)
    network, profile = store.origin.network, load(store.origin.network)
    told: Certification = await loaded(store, certification_of(command.activity), Certification())
    rule = rule_of(told, state.kind, profile)
    present: Attendance = await loaded(store, attendance_of(command.activity), Attendance())
    survey: Survey = await loaded(store, survey_of(command.activity), Survey())
    if rule.feedback and survey.closed and not closing:
        return []  # who answered is forgotten
    getting = certification.fulfilled(
        state, present, told, rule,
        sessions=sessions_of(state, present.sessions, ZoneInfo(profile.zone)),
        unanswered=await _unanswered(db, command.activity, survey) if rule.feedback else (),
        have=await _have(db, network, command.activity),
        closed=closing,
    )  # fmt: skip
    store, when = _dated(store, state)
    issued: list[str] = []
    for chunk in (getting[start : start + AT_ONCE] for start in range(0, len(getting), AT_ONCE)):
        decides = {
            certificate_of(network, command.activity, one): partial(_issue, event=_issued(state, one, rule, when))
            for one in chunk
        }
        of_these = command.model_copy(update={"happened_at": when})
        await store.row(f"{store.origin.command_id}/{chunk[0]}").execute_all(of_these, decides)
        issued += decides
    await complete_paths(command.activity, store, db, when)
    return issued


def _dated(store: GroupingStore, state: Activity) -> tuple[GroupingStore, datetime]:
    now = clock.now()
    if state.held_on is None or now.date() - state.held_on <= NEWS:
        return store, now
    return replace(store, origin=replace(store.origin, imported=True, history=True)), datetime.combine(
        state.held_on, time(12), UTC
    )


def _issue(state: Certificate, _: Command, *, event: CertificateIssued) -> list[Event]:
    return certificate.issue(state, event)


def _issued(state: Activity, registration: str, rule: Rule, when: datetime) -> CertificateIssued:
    one = state.registrations[registration]
    return CertificateIssued(
        person=one.person,
        member=one.member,
        activity=state.activity,
        registration=registration,
        kind=state.kind,
        pillar=state.pillar,
        line=state.line,
        index=certification.place_of(state, registration),
        on=when.date().isoformat(),
        expires_on=certificate.later(when.date(), rule.months),
    )


async def _unanswered(db: Database, activity: str, survey: Survey) -> set[str]:
    found = db[TOKENS].find({"survey": survey_of(activity)})
    return {one["registration"] async for one in found if one["_id"] in survey.outstanding}


async def _have(db: Database, network: str, activity: str) -> set[str]:
    query = {"aggregate": "certificate", "network": network, "state.activity": activity}
    return {one["state"]["registration"] async for one in db.streams.find(query, {"state.registration": 1})}


async def complete_paths(activity: str, store: GroupingStore, db: Database, when: datetime) -> None:
    """The certificate of each path that this activity was the last missing module of, to everybody who has none of it
    yet: whom a run that was killed left out included."""
    network = store.origin.network
    within = {"$elemMatch": {"$elemMatch": {"$eq": activity}}}
    query = {"aggregate": "path", "network": network, "state.modules": within}
    for found in await db.streams.find(query).to_list(50):
        for person in await _ready(db, network, activity, PATH.load(found["state"])):
            await complete_path(CompletePath(path=found["_id"], person=person, happened_at=when), store, db)


async def _ready(db: Database, network: str, activity: str, state: Path) -> list[str]:
    """Who has a certificate of this activity and of each module, and none of the path; whether they count is left."""
    modules = {each for module in state.modules for each in module}
    query = {"aggregate": "certificate", "network": network, "state.activity": {"$in": list(modules)}}
    have: dict[str, dict[str, str]] = {}
    async for one in db.streams.find(query, {"state.person": 1, "state.activity": 1}):
        have.setdefault(one["state"]["person"], {})[one["state"]["activity"]] = one["_id"]
    return [
        person
        for person, own in have.items()
        if activity in own and person not in state.completed and path.stacked(state, own)
    ]


async def complete_path(command: CompletePath, store: GroupingStore, db: Database) -> str | None:
    """The path's certificate, where there is a valid one of each module; None where one is missing."""
    state: Path = await store.load(command.path)
    network, today = store.origin.network, command.when.date()
    have = await certificates_of(db, network, command.person)
    valid = {one.activity: id for id, one in have if one.activity and one.valid(today)}
    modules = path.stacked(state, valid)
    if modules is None or command.person in state.completed:
        return None
    id = fixed_id("certificate", network, command.path, command.person)
    event = CertificateIssued(
        person=command.person, member=have[-1][1].member, path=command.path, modules=modules,
        index=len(state.completed), on=today.isoformat(), expires_on=certificate.later(today, state.months),
    )  # fmt: skip
    decides = decisions_of_path(command.path, id, event)
    of_path = store.row(f"{store.origin.command_id or new_id('command')}/{command.path}/{command.person}")
    await of_path.execute_all(command, decides)
    return id


def decisions_of_path(of: str, id: str, event: CertificateIssued) -> dict[str, Decide]:
    """The path decides first: the place in its revocation list is the one that nobody has at that moment."""
    place = 0

    def completing(state: Path, command: CompletePath) -> list[Event]:
        nonlocal place
        place = len(state.completed)
        return path.complete(state, command, certificate=id)

    def issuing(state: Certificate, _: Command) -> list[Event]:
        return certificate.issue(state, event.model_copy(update={"index": place}))

    return {of: completing, id: issuing}


async def certificates_of(db: Database, network: str, person: str) -> list[tuple[str, Certificate]]:
    """A person's certificates, each with its id, oldest first."""
    query = {"aggregate": "certificate", "network": network, "state.person": person}
    found = await db.streams.find(query).sort([("state.on", 1), ("_id", 1)]).to_list(1_000)
    return [(str(one["_id"]), CERTIFICATE.load(one["state"])) for one in found]


async def set_path(command: SetPath, store: GroupingStore, db: Database) -> Receipt:
    """Say what makes up a path, its title is kept beside; who has all of it already gets its certificate now."""
    title = Put("words", command.path, {"title": command.title})
    receipt = await store.execute(command.path, command, path.decide, [title])
    activities = [activity for module in command.modules for activity in module]
    query = {"aggregate": "certificate", "network": store.origin.network, "state.activity": {"$in": activities}}
    now = clock.now()
    for person in await db.streams.distinct("state.person", query):
        await complete_path(CompletePath(path=command.path, person=person, happened_at=now), store, db)
    return receipt


async def revoke(command: RevokeCertificate, store: Store) -> Receipt:
    """It counts no more; the reason is kept beside."""
    command = command.model_copy(update={"words": new_id("reason")})
    return await store.execute(command.certificate, command, certificate.decide, [_reason(command, store)])


async def reissue(command: ReissueCertificate, store: Store) -> Receipt:
    """A new edition; the name, where it is written otherwise than in the register, is kept beside."""
    command = command.model_copy(update={"words": new_id("reason")})
    beside = [_reason(command, store)]
    if command.name:
        state: Certificate = await store.load(command.certificate)
        named = {"network": store.origin.network, "person": state.person, "name": command.name}
        beside.append(Put(NAMES, command.certificate, named))
    return await store.execute(command.certificate, command, certificate.decide, beside)


async def name_on(command: NameOnCertificate, store: Store) -> Receipt:
    """The holder lets the public page show their name, or not."""
    return await store.execute(command.certificate, command, certificate.decide)


def _reason(command: RevokeCertificate | ReissueCertificate, store: Store) -> Put:
    about = {"network": store.origin.network, "about": command.certificate, "reason": command.reason}
    return Put("reasons", command.words, about)


async def prepare(db: Database) -> None:
    for name in ("activity", "person", "path"):
        await db.streams.create_index(
            [("network", 1), (f"state.{name}", 1)], partialFilterExpression={"aggregate": "certificate"}
        )


async def issue_before_closing(command: CloseSurvey, store: GroupingStore, db: Database) -> None:
    """Who answered is forgotten once the survey is closed: what their answers earned is issued before."""
    survey: Survey = await store.load(command.survey)
    if not survey.follow_up and not survey.closed:
        last = store.row(f"{store.origin.command_id or new_id('command')}/certify")
        await issue_certificates(IssueCertificates(activity=survey.activity), last, db, closing=True)


def follow(service: Service) -> None:
    """Enter what falls due into the service's table; before a survey closes it is asked who answered it."""

    async def issue(command: IssueCertificates, store: GroupingStore) -> None:
        await issue_certificates(command, store, service.db)

    service.listen.due(IssueCertificates, issue)  # type: ignore[arg-type]
    model, close = service.listen.due_handlers[CloseSurvey.__name__]

    async def issue_then_close(command: CloseSurvey, store: GroupingStore) -> None:
        await issue_before_closing(command, store, service.db)
        await close(command, store)

    service.listen.due(model, issue_then_close)  # type: ignore[arg-type]
