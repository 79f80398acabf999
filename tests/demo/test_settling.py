"""How the demo's places are settled: every file can be downloaded, and no number is anybody's."""

import pytest
from stdnum import iban
from stdnum.eu import vat
from stdnum.fr import siret

from passapp.demo.settling import _numbers


@pytest.mark.parametrize("number", range(1, 30))
def test_every_number_is_well_made(number):
    said = _numbers(number, charges_vat=True)
    assert iban.is_valid(said["iban"])
    assert siret.is_valid(said["siret"])
    assert vat.is_valid(said["vat_number"])


def test_no_number_is_anybodys():
    said = [_numbers(number, charges_vat=False) for number in range(1, 30)]
    assert all(each["siret"].startswith("00000") and each["iban"][4:9] == "99999" for each in said)
    assert len({each["iban"] for each in said}) == 29
    assert all("vat_number" not in each for each in said)
