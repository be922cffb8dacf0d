"""The customer service's settings are checked when it is loaded."""

import pytest

from servicekit.settings import load
from services.customer.settings import CustomerSettings


class TestRegion:
    def test_it_is_the_united_states_unless_told_otherwise(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("CRM_CUSTOMER_REGION", raising=False)
        assert load(CustomerSettings).region == "US"

    def test_it_is_read_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("CRM_CUSTOMER_REGION", "CN")
        assert load(CustomerSettings).region == "CN"

    @pytest.mark.parametrize("region", ["XX", "China", ""])
    def test_anything_but_a_country_ends_the_start_with_the_name_of_the_variable(
        self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], region: str
    ) -> None:
        monkeypatch.setenv("CRM_CUSTOMER_REGION", region)
        with pytest.raises(SystemExit):
            load(CustomerSettings)
        assert "CRM_CUSTOMER_REGION" in capsys.readouterr().err


class TestQualification:
    def test_leads_are_qualified_unless_the_company_does_without(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert load(CustomerSettings).qualification == "required"
        monkeypatch.setenv("CRM_CUSTOMER_QUALIFICATION", "optional")
        assert load(CustomerSettings).qualification == "optional"
