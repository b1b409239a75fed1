"""Invented people: any likeness to somebody real is chance. Every address ends in `.example`."""

import random

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
    """A member's people, as many as are asked for, drawn once and then the same; no two share an address."""

    def __init__(self, rng: random.Random, at: str) -> None:
        self._rng, self._at = rng, at
        self._known: dict[str, list[dict[str, str]]] = {}

    def person(self, member: str, number: int) -> dict[str, str]:
        """Name and address of the member's person of that number."""
        people = self._known.setdefault(member, [])
        while len(people) <= number:
            name = f"{self._rng.choice(FIRST)} {self._rng.choice(LAST)}"
            people.append(
                {"name": name, "email": f"p{len(people)}.{member.lower()}@{self._at}.example", "member": member}
            )
        return people[number]
