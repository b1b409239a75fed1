"""How countries and languages are called: the words people put into forms, and the code each one means."""

import unicodedata
from typing import NamedTuple


class CountryRow(NamedTuple):
    alpha3: str
    english: str
    also: tuple[str, ...]
    """Its name in its own languages, and other spellings that forms bring."""


COUNTRY_ROWS: dict[str, CountryRow] = {
    "BE": CountryRow("BEL", "Belgium", ("Belgique", "België", "Belgien")),
    "BG": CountryRow("BGR", "Bulgaria", ("България",)),
    "CZ": CountryRow("CZE", "Czechia", ("Czech Republic", "Česko", "Česká republika")),
    "DK": CountryRow("DNK", "Denmark", ("Danmark",)),
    "DE": CountryRow("DEU", "Germany", ("Deutschland",)),
    "EE": CountryRow("EST", "Estonia", ("Eesti",)),
    "IE": CountryRow("IRL", "Ireland", ("Éire",)),
    "EL": CountryRow("GRC", "Greece", ("GR", "Ελλάδα", "Hellas")),
    "ES": CountryRow("ESP", "Spain", ("España",)),
    "FR": CountryRow("FRA", "France", ()),
    "HR": CountryRow("HRV", "Croatia", ("Hrvatska",)),
    "IT": CountryRow("ITA", "Italy", ("Italia",)),
    "CY": CountryRow("CYP", "Cyprus", ("Κύπρος", "Kıbrıs")),
    "LV": CountryRow("LVA", "Latvia", ("Latvija",)),
    "LT": CountryRow("LTU", "Lithuania", ("Lietuva",)),
    "LU": CountryRow("LUX", "Luxembourg", ("Lëtzebuerg", "Luxemburg")),
    "HU": CountryRow("HUN", "Hungary", ("Magyarország",)),
    "MT": CountryRow("MLT", "Malta", ()),
    "NL": CountryRow("NLD", "Netherlands", ("The Netherlands", "Nederland")),
    "AT": CountryRow("AUT", "Austria", ("Österreich",)),
    "PL": CountryRow("POL", "Poland", ("Polska",)),
    "PT": CountryRow("PRT", "Portugal", ()),
    "RO": CountryRow("ROU", "Romania", ("România",)),
    "SI": CountryRow("SVN", "Slovenia", ("Slovenija",)),
    "SK": CountryRow("SVK", "Slovakia", ("Slovak Republic", "Slovensko")),
    "FI": CountryRow("FIN", "Finland", ("Suomi",)),
    "SE": CountryRow("SWE", "Sweden", ("Sverige",)),
    "IS": CountryRow("ISL", "Iceland", ("Ísland",)),
    "LI": CountryRow("LIE", "Liechtenstein", ()),
    "NO": CountryRow("NOR", "Norway", ("Norge", "Noreg")),
    "CH": CountryRow("CHE", "Switzerland", ("Schweiz", "Suisse", "Svizzera", "Svizra")),
    "UK": CountryRow("GBR", "United Kingdom", ("GB", "Great Britain")),
}

LANGUAGE_ROWS: dict[str, tuple[str, str]] = {
    "bg": ("Bulgarian", "български"),
    "es": ("Spanish", "español"),
    "cs": ("Czech", "čeština"),
    "da": ("Danish", "dansk"),
    "de": ("German", "Deutsch"),
    "et": ("Estonian", "eesti"),
    "el": ("Greek", "ελληνικά"),
    "en": ("English", "English"),
    "fr": ("French", "français"),
    "ga": ("Irish", "Gaeilge"),
    "hr": ("Croatian", "hrvatski"),
    "it": ("Italian", "italiano"),
    "lv": ("Latvian", "latviešu"),
    "lt": ("Lithuanian", "lietuvių"),
    "hu": ("Hungarian", "magyar"),
    "mt": ("Maltese", "Malti"),
    "nl": ("Dutch", "Nederlands"),
    "pl": ("Polish", "polski"),
    "pt": ("Portuguese", "português"),
    "ro": ("Romanian", "română"),
    "sk": ("Slovak", "slovenčina"),
    "sl": ("Slovenian", "slovenščina"),
    "fi": ("Finnish", "suomi"),
    "sv": ("Swedish", "svenska"),
}


OFFICIAL_LANGUAGES: dict[str, tuple[str, ...]] = {
    "BE": ("nl", "fr", "de"), "BG": ("bg",), "CZ": ("cs",), "DK": ("da",), "DE": ("de",), "EE": ("et",),
    "IE": ("en", "ga"), "EL": ("el",), "ES": ("es",), "FR": ("fr",), "HR": ("hr",), "IT": ("it",), "CY": ("el",),
    "LV": ("lv",), "LT": ("lt",), "LU": ("fr", "de"), "HU": ("hu",), "MT": ("mt", "en"), "NL": ("nl",), "AT": ("de",),
    "PL": ("pl",), "PT": ("pt",), "RO": ("ro",), "SI": ("sl",), "SK": ("sk",), "FI": ("fi", "sv"), "SE": ("sv",),
    "LI": ("de",), "CH": ("de", "fr", "it"), "UK": ("en",),
}  # fmt: skip
"""By country, those that are official languages of the EU too; first the one that most of its authorities work in."""


def plain(text: str) -> str:
    """Without case, accents, stress marks and outer spaces, so that what people type compares equal."""
    split = unicodedata.normalize("NFKD", text.strip().casefold())
    return " ".join("".join(mark for mark in split if not unicodedata.combining(mark)).split())
