"""A file of customers from the upload to the export, over HTTP as a person's browser or script does it."""

from collections.abc import Iterator

import pytest

from tests.e2e.client import Body, Person, eventually
from tests.e2e.company import Company


@pytest.fixture
def importer(company: Company) -> Iterator[Person]:
    """A manager."""
    with company.hire("Irma Importer", role="manager") as person:
        yield person


def import_of(person: Person, content: bytes) -> Body:
    """An import of a file that was sent in a form and read."""
    sent = person.ask("POST", "/v1/uploads", files={"file": ("客户.csv", content)})
    assert sent.status_code == 201, sent.text
    upload = sent.json()
    assert person.get(sent.headers["Location"]) == upload
    assert (upload["name"], upload["size"], upload["complete"]) == ("客户.csv", len(content), True)
    made = person.post("/v1/imports", {"upload_id": upload["id"]})
    eventually(lambda: person.get(f"/v1/imports/{made['id']}")["state"] == "ready")
    return made


class TestImports:
    def test_a_file_comes_in_with_progress_and_errors_and_goes_out_again(self, importer: Person) -> None:
        rows = "".join(f"Wire {number},+48 22 555 {number:04d}\n" for number in range(80))
        made = import_of(importer, f"Name,Phone\n=Wire Formula,\nWire Broken,12\n{rows}".encode())
        address = f"/v1/imports/{made['id']}"
        shown = importer.post(f"{address}/previews", {})
        assert [row["outcome"] for row in shown["rows"][:2]] == ["created", "refused"]
        importer.post(f"{address}/start", {})
        eventually(lambda: importer.get(address)["state"] == "finished")
        done = importer.get(address)
        assert done["done"] == done["total"] == done["created"] + done["refused"]
        errors = importer.ask("GET", f"{address}/errors.csv")
        assert errors.headers["Content-Disposition"].startswith('attachment; filename="errors.csv"')
        assert errors.content.decode("utf-8-sig").splitlines()[1].startswith('3,"phones.0.number: ')
        file = importer.ask("GET", "/v1/exports/customers.csv", params={"q": "wire formula"})
        assert file.headers["Content-Type"] == "text/csv; charset=utf-8"
        assert "'=Wire Formula" in file.content.decode("utf-8-sig")

    def test_contacts_come_to_their_companies_and_go_again(self, importer: Person) -> None:
        company = importer.post("/v1/customers", {"kind": "company", "name": "Wire Contacts"})
        sent = importer.ask(
            "POST", "/v1/uploads", content="公司,联系人,邮箱\nWire Contacts,安,an@wire.example\n".encode()
        )
        made = importer.post("/v1/imports", {"upload_id": sent.json()["id"], "kind": "contacts"})
        address = f"/v1/imports/{made['id']}"
        eventually(lambda: importer.get(address)["state"] == "ready")
        importer.post(f"{address}/start", {"mode": "create_or_update", "key": "email"})
        eventually(lambda: importer.get(address)["state"] == "finished")
        (contact,) = importer.get(f"/v1/customers/{company['id']}/contacts")["items"]
        assert (contact["name"], contact["emails"][0]["address"]) == ("安", "an@wire.example")
        importer.post(f"{address}/revert", {})
        eventually(lambda: importer.get(address)["state"] == "reverted")
        assert importer.get(f"/v1/customers/{company['id']}/contacts")["items"] == []

    def test_a_workbook_that_went_out_comes_in_again(self, importer: Person) -> None:
        made = importer.post("/v1/customers", {"kind": "company", "name": "Workbook 上海 & Żółć", "note": "=1+1"})
        file = importer.ask("GET", "/v1/exports/customers.xlsx", params={"q": made["name"]})
        assert file.headers["Content-Disposition"].startswith('attachment; filename="customers.xlsx"')
        again = import_of(importer, file.content)
        address = f"/v1/imports/{again['id']}"
        importer.post(f"{address}/start", {"mode": "create_or_update", "key": "id"})
        eventually(lambda: importer.get(address)["state"] == "finished")
        done = importer.get(address)
        assert (done["updated"], done["refused"]) == (1, 0)
        assert importer.get(f"/v1/customers/{made['id']}")["note"] == "=1+1"

    def test_a_file_of_several_parts_is_sent_in_chunks(self, importer: Person) -> None:
        line = b"Chunked,+48 22 555 01 23\n"

        def pieces() -> Iterator[bytes]:
            yield b"Name,Phone\n"
            for _ in range(60):
                yield line * 1_000

        sent = importer.ask("POST", "/v1/uploads", params={"name": "long.csv"}, content=pieces())
        assert (sent.status_code, sent.json()["size"]) == (201, len(line) * 60_000 + 11)
        assert sent.json()["parts"] == 3

    def test_a_form_of_several_parts_comes_in_as_it_was_sent(self, importer: Person) -> None:
        content = b"Name,Phone\r\n" + b"".join(b"Formed %d,\r\n--x" % number for number in range(120_000))
        sent = importer.ask("POST", "/v1/uploads", data={"comment": "c" * 700_000}, files={"file": ("f.csv", content)})
        assert sent.status_code == 201, sent.text
        assert (sent.json()["size"], sent.json()["parts"]) == (len(content), len(content) // 524_288 + 1)

    def test_headers_of_a_form_without_an_end_are_refused(self, importer: Person) -> None:
        body = b"--x\r\nContent-Disposition: form-data; name=" + b"a" * 200_000
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        assert importer.refusal("POST", "/v1/uploads", content=body, headers=headers)["status"] == 413

    def test_the_same_upload_under_the_same_key_is_one(self, importer: Person) -> None:
        sent = [
            importer.ask("POST", "/v1/uploads", content=b"Name\nOnce\n", headers={"Idempotency-Key": "one-file"})
            for _ in range(2)
        ]
        assert [each.status_code for each in sent] == [201, 201]
        assert sent[0].json() == sent[1].json()

    def test_a_form_without_a_file_is_told_so(self, importer: Person) -> None:
        body = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\nb\r\n--x--\r\n'
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        refusal = importer.refusal("POST", "/v1/uploads", content=body, headers=headers)
        assert refusal["code"] == "request.malformed"
