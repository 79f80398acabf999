"""The demo's places: 21 real ones that do not take part, and two invented ones.

Hours and services are invented for all of them.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from importlib.resources import files
from math import asin, cos, radians, sin, sqrt
from typing import Final

from passapp.demo.names import as_ascii
from passapp.places.rules import Opening, parse_clock
from passapp.places.service import Exceptional

EMPLOYER: Final = "atelier-bocage"
ISLAND: Final = "la-varangue"

_EARTH_KM: Final = 6371.0


@dataclass(frozen=True)
class DemoPlace:
    """A place of the demo. ``week`` holds weekdays (Monday is 0) and openings; no door: nobody is received there."""

    code: str
    name: str
    kind: str
    town: str
    postcode: str
    latitude: float
    longitude: float
    zone: str = "Europe/Paris"
    subdivision: str | None = None
    has_door: bool = True

    @property
    def week(self) -> list[tuple[int, Opening]]:
        """When it opens."""
        return read_week(_HOURS.get(self.code, _HOURS[self.kind])) if self.has_door else []

    @property
    def services(self) -> list[str]:
        """What it offers."""
        return sorted({*_SERVICES[self.kind].split(), *_SERVICES.get(self.code, "").split()})

    @property
    def host_class(self) -> str:
        """Whether a local authority pays for it."""
        return "subsidised" if self.code in _SUBSIDISED else "standard"

    @property
    def closed_on_holidays(self) -> bool:
        """Nearly all of them close; a place with a cinema does not."""
        return self.code != "le-cafe-des-images"

    def exceptions(self, today: date) -> list[Exceptional]:
        """The dates with other hours: some past, some to come."""
        return [
            Exceptional(today + timedelta(days=days), read_day(hours), note)
            for days, hours, note in _EXCEPTIONS.get(self.code, ())
        ]

    def km_to(self, other: "DemoPlace") -> float:
        """The distance as the crow flies, in kilometres."""
        here, there = radians(self.latitude), radians(other.latitude)
        across = sin(radians(other.longitude - self.longitude) / 2) ** 2
        chord = sin((there - here) / 2) ** 2 + cos(here) * cos(there) * across
        return 2 * _EARTH_KM * asin(sqrt(chord))


INVENTED: Final = (
    DemoPlace(ISLAND, "La Varangue", "community", "Saint-Denis", "97400", -20.8789, 55.4481, "Indian/Reunion", "974"),
    DemoPlace(EMPLOYER, "Atelier Bocage (employeur)", "employer", "Caen", "14000", 49.1810, -0.3580, has_door=False),
)
"""On the other side of the world, six time zones away; and a home that nobody visits."""


def demo_places() -> list[DemoPlace]:
    """Every place of the demo: the real ones of ``places.csv``, then the invented ones."""
    text = (files(__package__) / "places.csv").read_text(encoding="utf-8")
    return [
        *(
            DemoPlace(
                code=as_ascii(row["name"]),
                name=row["name"],
                kind=row["kind"],
                town=row["town"],
                postcode=row["postcode"],
                latitude=float(row["latitude"]),
                longitude=float(row["longitude"]),
                zone=row["timezone"],
            )
            for row in csv.DictReader(text.splitlines())
        ),
        *INVENTED,
    ]


def read_week(text: str) -> list[tuple[int, Opening]]:
    """``"0-4 08:30-19:00, 5 10:00-14:00"`` as weekdays and openings."""
    week: list[tuple[int, Opening]] = []
    for part in text.split(", "):
        days, hours = part.split()
        first, _, last = days.partition("-")
        week += [(day, opening) for day in range(int(first), int(last or first) + 1) for opening in read_day(hours)]
    return week


def read_day(text: str) -> tuple[Opening, ...]:
    """``"18:00-26:00"`` as an opening; an empty text as none."""
    if not text:
        return ()
    opens, closes = text.split("-")
    return (Opening(parse_clock(opens), parse_clock(closes)),)


_HOURS: Final[Mapping[str, str]] = {
    "coworking": "0-4 08:30-19:00",
    "fablab": "1-4 10:00-18:00, 5 14:00-18:00",
    "cultural": "2-3 14:00-19:00, 4-5 18:00-26:00",
    "community": "0-4 09:00-21:00, 5 10:00-18:00",
    "la-fabrique-apefim": "0-4 08:00-18:00",
    "tiers-lieu-rive-droite": "1-3 09:00-19:00, 4-5 18:00-26:00",
    "le-cafe-des-images": "1-3 11:00-23:00, 4-5 18:00-26:00, 6 14:00-20:00",
    "l-ecloserie-numerique": "0-1 08:30-19:00, 3-4 08:30-19:00",
    "la-filature": "0-4 08:30-12:30, 0-4 13:30-19:00",
    "l-usine-cafe-et-coworking": "0-4 08:30-19:00, 5 10:00-19:00, 6 11:00-17:00",
    "la-cantine-numerique": "0-3 08:30-19:00, 4 08:30-18:00, 5 09:00-13:00",
    "galanga": "0-3 08:30-19:00, 4 08:30-12:30",
    ISLAND: "0-4 07:00-17:00, 4-5 18:00-26:00",
}
"""By code, else by kind."""

_SERVICES: Final[Mapping[str, str]] = {
    "coworking": "wifi coffee printer meeting_room phone_booth",
    "fablab": "wifi workshop screen parking",
    "cultural": "wifi coffee events food wheelchair",
    "community": "wifi coffee kitchen meeting_room events wheelchair",
    "employer": "",
    "le-wip": "parking workshop bike",
    "la-filature": "parking kitchen shower",
    "la-cantine-numerique": "kitchen screen wheelchair bike",
    "l-usine-cafe-et-coworking": "food wheelchair",
    "le-doc": "garden childcare parking",
    "la-maison-bleue": "kitchen garden",
    ISLAND: "garden parking",
}
"""What the kind has, and what the place adds."""

_SUBSIDISED: Final = frozenset({"le-doc", "l-ecloserie-numerique", "le-wip"})

FUND_HOLDER: Final = "le-dome"
"""The common fund's money is on its account."""

CHARGING_VAT: Final[Mapping[str, int]] = {"la-cantine-numerique": 2000, ISLAND: 850}
"""Those that charge VAT, in basis points; associations mostly do not."""

_EXCEPTIONS: Final[Mapping[str, tuple[tuple[int, str, str], ...]]] = {
    "le-dome": ((-24, "", "Inventaire des machines"),),
    "la-cantine-numerique": ((9, "08:30-23:00", "Soirée portes ouvertes"), (34, "", "Fermeture d'hiver")),
    "le-scoire": ((-40, "", "Travaux de peinture"), (-39, "", "Travaux de peinture")),
}
"""Days from today, hours (none: closed), and why."""
