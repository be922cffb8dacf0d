"""What the README and docs/http.md tell people to type works as it stands there."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.suite import PROJECT
from tests.e2e.client import Body
from tests.e2e.company import Company

_FENCE = re.compile(r"^```sh\n(.*?)^```", re.M | re.S)
_SECONDS = 120


def typed(company: Company, page: Path, *, among: str = "") -> str:
    """What the page's commands print, one after the other in one shell; all that fails ends it."""
    blocks = [block for block in _FENCE.findall(page.read_text(encoding="utf-8")) if among in block]
    script = "\n".join(["set -euo pipefail", *blocks])
    script = script.replace("http://127.0.0.1:8000", company.suite.gateway_url).replace(
        "curl -s", "curl -sS --fail-with-body"
    )
    environment = {**os.environ, "CRM_DATA_DIR": str(company.suite.folder), "no_proxy": "*"}
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    return done.stdout


def answers(told: str) -> Iterator[Body]:
    """The JSON documents of an output, which stand there without anything between."""
    decoder, place = json.JSONDecoder(), 0
    while place < len(told.rstrip()):
        answer, place = decoder.raw_decode(told, place)
        yield answer


class TestReadme:
    @pytest.mark.timeout(600)
    def test_the_tour_leads_from_the_funnel_to_the_customer_from_all_sides(self, company: Company) -> None:
        told = typed(company, PROJECT / "README.md", among="TOKEN=")
        assert '"status":"claimed"' in told
        assert "Send the offer" in told
        assert '"partial":false' in told


class TestManners:
    def test_each_example_is_answered_as_the_page_says(self, company: Company) -> None:
        told = typed(company, PROJECT / "docs" / "http.md")
        assert '"total":' in told
        assert '"note":"Answers on Fridays"' in told
        once = [answer["id"] for answer in answers(told) if answer.get("name") == "Once Ltd"]
        assert len(once) == 2
        assert len(set(once)) == 1
