"""Who takes part, and what is held of the kinds that a network watches."""

from services.kpi.engine.figures import Cells, indicator

from .formulas import members_reached

ANNUAL_TRAINING = "eu-labour-mobility-training"


def at_annual_training(cells: Cells) -> int:
    present = cells.distinct("participations", "member", kind=ANNUAL_TRAINING)
    return len(present & set(cells.profile.member_codes))


indicator(
    "members-per-annual-training",
    title="Members at the annual training",
    unit="count",
    value=at_annual_training,
    says="Members with somebody present at the year's training on EU labour mobility.",
    only_where_named=True,
)
for id, title in (("partner-countries", "Partner countries taking part"), ("countries", "EURES countries")):
    indicator(
        id,
        title=title,
        unit="count",
        value=lambda cells: len(members_reached(cells)),
        says="Countries with somebody present at an activity of the year.",
        only_where_named=True,
    )
indicator(
    "academy-webinars",
    title="EARLALL Academy webinars",
    unit="count",
    value=lambda cells: cells.total("held", kind="academy-webinar"),
    says="Webinars of the academy that were held.",
    by_member=False,
    only_where_named=True,
)
indicator(
    "skills-analyses",
    title="Sectoral skills analyses",
    unit="count",
    value=lambda cells: cells.total("held", kind="skills-analysis"),
    says="Webinars on the analysis of a sector's skills that were held.",
    by_member=False,
    only_where_named=True,
)
indicator(
    "joint-inspections",
    title="Concerted and joint inspections",
    unit="count",
    value=lambda cells: cells.total("held", kind="cji"),
    says="Concerted and joint inspections that were held.",
    only_where_named=True,
)
