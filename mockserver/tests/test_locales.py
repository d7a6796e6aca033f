"""
Names, places and texts in the language that is asked for.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from mockserver.generation.locales import locale_of
from mockserver.tests.crud import NUMBER, TEXT, Asking, asking, crud, thing

ADDRESS = thing({"street_address": TEXT, "city": TEXT, "postal_code": TEXT, "country_code": TEXT})
CUSTOMER = thing({"id": NUMBER, "first_name": TEXT, "phone": TEXT, "address": ADDRESS, "notes": TEXT}, "id")


def customers(locale: str = "") -> Asking:
    return asking(crud(CUSTOMER, CUSTOMER, path="/customers"), options={"locale": locale})


class TestNames:
    @pytest.mark.parametrize(
        ("said", "name"),
        [
            ("de_DE", "de_DE"),
            ("de-at", "de_AT"),
            ("de", "de_DE"),
            ("fr-CA", "fr_CA"),
            ("en", "en_US"),
            ("ja", "ja_JP"),
            ("sv", "sv_SE"),
            ("pt_PT.UTF-8", "pt_PT"),
            ("xx", None),
            ("de-XX", None),
            ("", None),
        ],
    )
    def test_as_people_and_browsers_say_them(self, said: str, name: str | None):
        """Nobody knows Faker's names by heart."""
        assert locale_of(said) == name


class TestServed:
    def test_all_of_one_country(self):
        """With --locale de a customer lives in Germany, at "Invalidenstraße 120", and can be called there."""
        for customer in customers("de_DE").get("/customers").json():
            assert customer["address"]["country_code"] == "DE"
            assert customer["address"]["street_address"][-1].isdigit()
            assert customer["phone"].startswith("+49 30 23125 ")

    def test_the_same_every_time_and_everywhere(self):
        """Another language is no reason for /customers/7 to be somebody else than in the list."""
        api = customers("ja_JP")
        first = api.get("/customers").json()
        assert first == customers("ja_JP").get("/customers").json()
        assert api.get("/customers/7").json() == next(one for one in first if one["id"] == 7)
        assert not first[0]["notes"].isascii()

    def test_by_request(self):
        """One page in another language is one header away."""
        api = customers()
        answer = api.get("/customers/7?__locale=fr")
        assert answer.headers["preference-applied"] == "locale=fr"
        assert answer.json()["address"]["country_code"] == "FR"
        assert api.get("/customers/7", headers={"prefer": "locale=fr"}).json() == answer.json()
        assert api.get("/customers/7").json()["address"]["country_code"] != "FR"

    def test_unknown(self):
        """What Faker has not is refused, with what it has: English in silence would look like a defect."""
        answer = customers().get("/customers/7?__locale=de_DEE")
        assert answer.status == 400
        assert "Did you mean 'de_DE'?" in answer.json()["detail"]

    def test_unknown_on_the_command_line(self, tmp_path: Path):
        """Wrong usage is exit 2 with one clear line."""
        file = tmp_path / "a.yaml"
        file.write_text("openapi: 3.1.0\ninfo: {title: T, version: '1'}\npaths: {}\n")
        command = [sys.executable, "-m", "mockserver", "serve", str(file), "--locale", "xy"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert done.stderr == "mockserver: --locale: there is no 'xy'; expected one like de or fr-CA.\n"
