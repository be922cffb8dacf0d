"""A manager of the largest company that there can be: their token names 2,000 departments and still gets everywhere."""

from servicekit.database import new_id
from servicekit.tokens import Signer, packed
from tests.e2e.client import Api
from tests.e2e.company import Company

MOST_DEPARTMENTS = 2_000


class TestManagerOfEverything:
    def test_every_service_takes_their_token(self, company: Company) -> None:
        departments = packed(new_id() for _ in range(MOST_DEPARTMENTS))
        claims = {"sub": company.admin.id, "name": "Max", "role": "manager", "departments": departments}
        signer = Signer(company.suite.folder / "keys" / "identity.pem")
        with Api(company.admin.url, token=signer.sign(claims, seconds=60)) as manager:
            for path in ("/v1/users", "/v1/customers", "/v1/holdings", "/v1/opportunities", "/v1/activities"):
                assert "items" in manager.get(path, limit=1)
