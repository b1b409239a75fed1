"""The programme's words: places, titles, reasons. All of it is made up; no organisation or person is meant."""

CITIES: dict[str, tuple[str, ...]] = {
    "BE": ("Brussels", "Liège"), "BG": ("Sofia", "Plovdiv"), "CZ": ("Prague", "Brno"), "DK": ("Copenhagen", "Aarhus"),
    "DE": ("Berlin", "Leipzig"), "EE": ("Tallinn", "Tartu"), "IE": ("Dublin", "Galway"), "EL": ("Athens", "Volos"),
    "ES": ("Madrid", "Valencia"), "FR": ("Lyon", "Strasbourg"), "HR": ("Zagreb", "Rijeka"), "IT": ("Rome", "Turin"),
    "CY": ("Nicosia", "Larnaca"), "LV": ("Riga", "Liepāja"), "LT": ("Vilnius", "Kaunas"), "LU": ("Luxembourg",),
    "HU": ("Budapest", "Győr"), "MT": ("Valletta",), "NL": ("Utrecht", "Rotterdam"), "AT": ("Vienna", "Graz"),
    "PL": ("Warsaw", "Wrocław"), "PT": ("Lisbon", "Porto"), "RO": ("Bucharest", "Timișoara"),
    "SI": ("Ljubljana", "Maribor"), "SK": ("Bratislava", "Košice"), "FI": ("Helsinki", "Turku"),
    "SE": ("Stockholm", "Malmö"),
}  # fmt: skip
LANGUAGES: dict[str, str] = {
    "BE": "fr", "BG": "bg", "CZ": "cs", "DK": "da", "DE": "de", "EE": "et", "IE": "en", "EL": "el", "ES": "es",
    "FR": "fr", "HR": "hr", "IT": "it", "CY": "el", "LV": "lv", "LT": "lt", "LU": "fr", "HU": "hu", "MT": "mt",
    "NL": "nl", "AT": "de", "PL": "pl", "PT": "pt", "RO": "ro", "SI": "sl", "SK": "sk", "FI": "fi", "SE": "sv",
}  # fmt: skip
BUSY: dict[str, float] = {
    "FR": 1.0, "ES": 1.0, "IT": 0.95, "PT": 0.95, "PL": 0.7, "DE": 0.65, "RO": 0.65, "BE": 0.6, "NL": 0.55, "EL": 0.55,
    "BG": 0.5, "CZ": 0.45, "SK": 0.4, "AT": 0.4, "HU": 0.4, "LT": 0.35, "LV": 0.35, "EE": 0.35, "FI": 0.3, "IE": 0.3,
    "HR": 0.3, "SI": 0.3, "CY": 0.15, "DK": 0.15, "SE": 0.12, "MT": 0.1, "LU": 0.08,
}  # fmt: skip
"""How much a member takes part, against the busiest."""
ABSENT = "LU"
"""Invited now and then, and nobody came yet."""
NO_NATIONAL_EVENT = ("CY", "DK", "LU", "MT", "SE", "HU", "IE", "HR")
"""Members whose national event is still to come, or was not asked for."""
NOT_ASKED_FOR = ("MT", "SE")

TITLES: dict[str, tuple[str, ...]] = {
    "training-in-host-member-state": (
        "Induction for newly appointed inspectors",
        "Posted workers on building sites: what to ask first",
        "From a tip-off to a joint inspection",
        "Reading a portable document A1",
        "Interviewing workers who fear to speak",
        "Undeclared work in seasonal agriculture",
        "Temporary agencies across the border",
        "Working time in road haulage",
        "Bogus self-employment: signs and proof",
        "Wage claims of posted workers",
    ),
    "ad-hoc-training": (
        "Letterbox companies: following the money",
        "New rules for drivers, explained in a day",
        "Platform work for case officers",
        "Risk analysis with open data",
    ),
    "mediation-training": (
        "Mediation between authorities, step by step",
        "Mediation: a day of cases",
        "Preparing a mediation file",
    ),
    "network-training": (
        "EURES advisers and fair recruitment",
        "SOLVIT: cases on social security",
        "Free movement desks",
    ),
    "modular-training": ("Inspector's toolkit, module",),
    "eu-labour-mobility-training": (
        "EU labour mobility, basics",
        "EU labour mobility, practice",
        "EU labour mobility, advanced",
    ),
    "national-event": (
        "Fair work in construction",
        "Seasonal work, fair work",
        "Posting in figures and in practice",
        "Road transport: drivers' rights",
        "Telework across borders",
        "Care at home, work in the open",
        "Social security on the move",
        "Authorities and social partners at one table",
    ),
    "thematic-workshop": (
        "Subcontracting chains",
        "Posting of third-country nationals",
        "Accidents at work across borders",
        "Telework and applicable law",
        "Fines that cross borders",
        "Data exchange by IMI",
    ),
    "training-centres-workshop": ("Training centres compare their curricula",),
    "social-partners-workshop": ("Social partners on information that reaches workers",),
    "website-review": (
        "Review of the website on posting",
        "Review of the pages for seasonal workers",
        "Review of the wage calculator",
        "Review of the website for employers",
    ),
    "translation": (
        "Leaflets for drivers in five languages",
        "Posting guide in two more languages",
        "Rights on site, translated",
    ),
    "follow-up-visit": (
        "Follow-up visit on holistic inspections",
        "Follow-up visit on risk profiles",
    ),
    "mutual-assistance-project": (
        "Assistance in setting up a risk unit",
        "Assistance with a data warehouse",
    ),
    "peer-learning-dialogue": (
        "Dialogue on domestic work",
        "Dialogue on penalties",
        "Dialogue on preventive letters",
        "Dialogue on whistle-blowers",
    ),
    "imi-prove": (
        "IMI for posting: peers compare",
        "Better requests, better replies",
        "IMI module on driver declarations",
        "IMI users' clinic",
        "IMI: fines and recoveries",
    ),
    "posting-360": (
        "Construction, workshop",
        "Agency work, workshop",
        "Long-term posting, workshop",
        "Care sector, workshop",
    ),
    "transport-support": (
        "Tachograph data in practice",
        "Declarations of drivers",
        "Roadside checks together",
        "Cabotage cases",
    ),
    "progress": (
        "Stream 1: prevention",
        "Stream 2: information",
        "Stream 3: inspection",
        "Stream 4: recovery",
        "Horizontal forum",
    ),
    "good-practices-call": ("Call for good practices: opening session",),
    "good-practices-collection": ("Good practices: review of what came in",),
    "good-practices-presentation": ("Good practices: presentation at the conference",),
    "exchanges-call": ("Call for staff exchanges: information session",),
    "staff-exchange": (
        "Group study visit: labour inspection academies",
        "Group study visit: customs and labour",
    ),
}
DESCRIPTIONS = (
    "Our teams meet such cases every week and handle them differently in each region.",
    "Half of the people who do this work were appointed in the last two years.",
    "We would like to work on cases of our own, with a colleague from another member who has solved them.",
    "The last training on this was five years ago; the law has changed twice since.",
    "Both the labour and the social security side would take part, for the first time together.",
)
AUDIENCES = (
    "inspectors in their first year",
    "case officers",
    "regional offices",
    "liaison teams",
    "risk analysts",
)
PLANNED_BECAUSE = (
    "It fits the line, and the trainers are free in that quarter.",
    "Three members asked for much the same: one activity serves all.",
    "The needs analysis names this topic first.",
    "",
)
DEFERRED_BECAUSE = (
    "All interpreters are booked until then.",
    "It waits for the new guidance, which is expected by then.",
    "The trainers of this module are free from that quarter on.",
)
DECLINED_BECAUSE = (
    "A module of the toolkit covers this; two places are kept for you there.",
    "This belongs to the network's own training.",
    "The budget for this line is used up; ask again for next year.",
    "Fewer than eight people would take part: a visit serves them better.",
    "The topic is outside what the programme covers.",
)
WITHDRAWN_BECAUSE = (
    "We found a trainer at home.",
    "The reform was put off.",
    "Our people are needed elsewhere that month.",
)
CANCELLED_BECAUSE = (
    "Too few members could come on these days.",
    "The venue was withdrawn, and no other was found in time.",
    "The host has asked to hold it next year.",
)
FEEDBACK_WORDS = (
    "The cases were close to our own.",
    "More time for questions, please.",
    "I would send a colleague.",
    "The interpreting helped a lot.",
    "Good mix of authorities.",
    "The slides could be shorter.",
)
