"""Files on a customer over HTTP: sent, taken, read byte by byte, and moved with a merge and back."""

import random
from collections.abc import Iterator

import pytest

from tests.e2e.client import Body, Person
from tests.e2e.company import Company, new_customer

CONTENT = random.Random(3).randbytes(3 * 1024 * 1024 + 17)  # noqa: S311  no secret
NAME = 'Umowa „Żółć" 合同 2026.html'


@pytest.fixture(scope="module")
def rep(company: Company) -> Iterator[Person]:
    """Somebody with customers."""
    with company.hire("Felix Files") as person:
        yield person


def attach(rep: Person, customer_id: str, content: bytes, name: str = "note.txt") -> Body:
    """A file on a customer, sent in a form."""
    sent = rep.ask("POST", "/v1/uploads", files={"file": (name, content)})
    assert sent.status_code == 201, sent.text
    upload_id = sent.json()["id"]
    made = rep.ask("POST", f"/v1/customers/{customer_id}/attachments", json={"upload_id": upload_id, "name": name})
    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"/v1/customers/{customer_id}/attachments/{upload_id}"
    assert rep.get(made.headers["Location"]) == made.json()
    return dict(made.json())


def names(rep: Person, customer_id: str) -> list[str]:
    """The files on a customer, latest first."""
    return [each["name"] for each in rep.items(f"/v1/customers/{customer_id}/attachments")]


class TestAttachments:
    def test_three_megabytes_come_back_byte_by_byte_and_as_a_download_only(self, rep: Person) -> None:
        customer = rep.post("/v1/customers", new_customer("Filed"))
        made = attach(rep, customer["id"], CONTENT, NAME)
        assert (made["name"], made["size"]) == (NAME, len(CONTENT))

        answer = rep.ask("GET", f"/v1/customers/{customer['id']}/attachments/{made['id']}/content")

        assert answer.content == CONTENT
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Length"] == str(len(CONTENT))
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        disposition = answer.headers["Content-Disposition"]
        assert disposition.startswith('attachment; filename="Umowa ')
        assert disposition.endswith("%20%E5%90%88%E5%90%8C%202026.html")

    def test_a_name_breaks_no_header(self, rep: Person) -> None:
        customer = rep.post("/v1/customers", new_customer("Broken"))
        upload = rep.ask("POST", "/v1/uploads", content=b"x").json()
        path = f"/v1/customers/{customer['id']}/attachments"
        made = rep.post(path, {"upload_id": upload["id"], "name": 'a"\r\nSet-Cookie: b=c'})
        answer = rep.ask("GET", f"{path}/{made['id']}/content")
        assert (answer.status_code, answer.content) == (200, b"x")
        assert "Set-Cookie" not in answer.headers

    def test_one_that_is_removed_is_not_there(self, rep: Person) -> None:
        customer = rep.post("/v1/customers", new_customer("Removed"))
        made = attach(rep, customer["id"], b"once")
        path = f"/v1/customers/{customer['id']}/attachments/{made['id']}"
        assert rep.ask("DELETE", path).json() == {"id": made["id"]}
        for gone in (path, f"{path}/content"):
            assert rep.refusal("GET", gone)["code"] == "attachment.not_found"
        kinds = [each["kind"] for each in rep.get(f"/v1/customers/{customer['id']}/history")["items"]]
        assert kinds == ["detached", "attached", "created"]

    def test_they_follow_a_merge_and_its_undoing(self, rep: Person) -> None:
        survivor, loser = (rep.post("/v1/customers", new_customer(name))["id"] for name in ("Kept", "Lost"))
        attach(rep, survivor, b"1", "own.txt")
        moved = attach(rep, loser, b"22", "moved.txt")

        merge = rep.post("/v1/merges", {"survivor_id": survivor, "loser_id": loser})

        assert merge["moved"]["attachments"] == 1
        assert names(rep, survivor) == ["moved.txt", "own.txt"]
        path = f"/v1/customers/{loser}/attachments/{moved['id']}/content"
        assert rep.ask("GET", path, follow_redirects=True).content == b"22"

        rep.post(f"/v1/merges/{merge['id']}/undo", {})

        assert (names(rep, survivor), names(rep, loser)) == (["own.txt"], ["moved.txt"])
        assert rep.ask("GET", path).content == b"22"
