"""What stands around the plan: its baselines, consultations, agreed actions, and the documents of its cycle."""

from shared.mongo import Database

from . import acting, consulting, cycling, plan_reads
from .acting import ACTION
from .consulting import CONSULTATION
from .cycling import DELIVERABLE

AGGREGATES = (CONSULTATION, ACTION, DELIVERABLE)


async def prepare(db: Database) -> None:
    for one in (plan_reads, consulting, acting, cycling):
        await one.prepare(db)
