"""What this service's collections hold of persons: figures, by random ids at most."""

from shared.people.register import not_personal


def enter() -> None:
    not_personal("kpi", "blocks", "counts; where persons are counted, cells by their random ids")
    not_personal("kpi", "search", "the indicators by their titles and definitions")
    not_personal("kpi", "search_cursor", "how far the search index has followed")
