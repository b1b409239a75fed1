"""Invented people: any likeness to somebody real is chance. Their addresses end in `.example`."""

import random
from collections.abc import Mapping, Sequence

FIRST = (
    "Ada", "Adrian", "Agnes", "Alba", "Aleksi", "Amelia", "Anders", "Andrea", "Anneli", "Antoni", "Beatriz", "Bogdan",
    "Carmen", "Clara", "Daniel", "Darina", "Dimitra", "Edgar", "Elena", "Elias", "Emil", "Eszter", "Eva", "Filip",
    "Franka", "Georgi", "Greta", "Hanna", "Helmi", "Henrik", "Ilze", "Inês", "Irena", "Ivo", "Jana", "Joana", "Jonas",
    "Katarina", "Kaspar", "Klara", "Laszlo", "Lea", "Liam", "Linnea", "Lucia", "Luka", "Maarten", "Magda", "Maja",
    "Marek", "Maria", "Marta", "Matteo", "Mihai", "Mila", "Mirela", "Natalia", "Niamh", "Nikos", "Nina", "Oskar",
    "Paola", "Pavel", "Petra", "Rasa", "Rita", "Rok", "Rosa", "Ruta", "Sanne", "Silvia", "Simon", "Sofia", "Stefan",
    "Tanja", "Teresa", "Tomas", "Ursula", "Valeria", "Vera", "Viktor", "Vlad", "Yannis", "Zita", "Zuzana",
)  # fmt: skip
LAST = (
    "Albrook", "Amsel", "Arvidane", "Baltov", "Bergholt", "Birkental", "Bravik", "Calderon-Prat", "Castellin",
    "Corvane", "Dalström", "Delmare", "Dorovic", "Eichenau", "Elmark", "Estermont", "Farkasdy", "Ferrazzo", "Fjellmo",
    "Gallowen", "Garsky", "Grünwaldt", "Halvoren", "Hollar", "Ilvesmaa", "Ivanesc", "Jarvisalo", "Jelenko",
    "Kallas-Ots", "Karlowicz", "Kestrel", "Kolarov",
    "Korhola", "Lagerqvist", "Lambrou", "Liepins", "Lorantfy", "Maldini-Rossi",
    "Marchetto", "Melnyk", "Mironas", "Montejo", "Morvan", "Navarrete", "Nemcova", "Nordahl", "Novotas", "Oravec",
    "Orlandi", "Ostrowin", "Papadis", "Pellegrin", "Petrescu-Vale", "Pinheiral", "Quintela", "Raudsepp", "Renardin",
    "Ribarov", "Rosendal", "Sabatini", "Salcedo", "Sarkany", "Schönfeldt", "Silvares", "Sorokin", "Stavrides",
    "Svensmark", "Tamulis", "Tavares-Lopo", "Theodorou", "Tornquist", "Urbanek", "Valdemarsen", "Varga-Toth",
    "Vasilcu", "Verhoeven-Dam", "Vidmar", "Vilar", "Vogelsang", "Wachter", "Weissenb", "Wierzba", "Zahradka", "Zelnik",
)  # fmt: skip


class Crowd:
    """A member's people: the same number is always the same person, and no two share an address.

    `first` are those with whom each member's people begin, as name and address.
    """

    def __init__(self, seed: object, at: str, first: Mapping[str, Sequence[tuple[str, str]]] | None = None) -> None:
        self._seed, self._at, self._first = seed, at, first or {}

    def person(self, member: str, number: int) -> dict[str, str]:
        """Name and address of the member's person of that number."""
        known = self._first.get(member, ())
        if number < len(known):
            name, email = known[number]
        else:
            rng = random.Random(f"{self._seed}/{member}/{number}")
            name, email = f"{rng.choice(FIRST)} {rng.choice(LAST)}", f"p{number}.{member.lower()}@{self._at}.example"
        return {"name": name, "email": email, "member": member}
