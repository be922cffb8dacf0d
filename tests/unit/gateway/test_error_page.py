"""What the `type` of an error leads to."""

import re

from gateway import error_page, openapi


class TestPage:
    def test_every_documented_error_has_its_place_on_it(self) -> None:
        document = openapi.document()
        places = set(re.findall(r'<tr id="([^"]+)">', error_page.page(document)))
        led_to = {example["value"]["type"] for example in document["components"]["examples"].values()}
        assert {f"/docs/errors#{place}" for place in places} == led_to

    def test_what_a_sentence_holds_is_no_markup(self) -> None:
        problem = {"status": 400, "detail": "<b>", "code": "x.y"}
        assert "&lt;b&gt;" in error_page.page({"components": {"examples": {"x.y": {"value": problem}}}})
