"""Bring the sample in over HTTP, as a customer of ours would bring in their own spreadsheets. Safe to repeat."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import httpx
from pydantic import BaseModel

from deploy.sample.source import Agent, Sample, login_name

_ROWS_AT_ONCE = 500
_SECONDS = 60.0

Tell = Callable[[str], None]


class Refused(Exception):
    """The suite did not take what it should have taken."""


class Loader:
    """Loads one sample into one suite."""

    def __init__(self, url: str, token: Callable[[], str], tell: Tell) -> None:
        self._http = httpx.Client(base_url=url, timeout=_SECONDS, trust_env=False)
        self._token = token
        self._tell = tell
        self.report: dict[str, Any] = {"corrected": {}, "refused": {}, "warnings": {}, "imported": {}}

    def load(self, sample: Sample) -> None:
        """Everything, in the order in which one thing needs another."""
        self._load_people(sample.agents)
        self._load_products(sample.products)
        self._import("customers", sample.customers)
        self._import("opportunities", sample.opportunities)
        self.report["corrected"] = dict(sample.corrected)

    def _load_people(self, agents: Sequence[Agent]) -> None:
        departments = {each["name"]: each for each in self._send("GET", "/v1/departments").json()["items"]}
        for office in sorted({agent.office for agent in agents}):
            self._department(departments, office, parent=None, manager=None)
        teams = sorted({(agent.office, agent.manager) for agent in agents})
        for office, manager in teams:
            user = self._user(manager, role="manager", department=departments[office]["id"])
            self._department(departments, f"{office}: {manager}", parent=departments[office]["id"], manager=user["id"])
        for agent in agents:
            self._user(agent.name, role="rep", department=departments[f"{agent.office}: {agent.manager}"]["id"])
        self._tell(f"{len(teams)} managers with their teams, {len(agents)} reps")

    def _department(self, known: dict[str, Any], name: str, *, parent: str | None, manager: str | None) -> None:
        if name not in known:
            body = {"name": name, "parent_id": parent, "manager_id": manager}
            known[name] = self._send("POST", "/v1/departments", body).json()

    def _user(self, full_name: str, *, role: str, department: str) -> dict[str, Any]:
        name = login_name(full_name)
        body = {"name": name, "full_name": full_name, "role": role, "department_id": department}
        made = self._send("POST", "/v1/users", body, fine=(409,))
        if made.status_code == 409:
            found = self._send("GET", f"/v1/users?q={full_name}").json()["items"]
            return next(user for user in found if user["name"] == name)
        user: dict[str, Any] = made.json()
        return user

    def _load_products(self, products: Sequence[dict[str, str]]) -> None:
        for product in products:
            price = {"amount": product["sales_price"], "currency": "USD"}
            body = {"name": product["product"], "series": product["series"], "price": price}
            self._send("POST", "/v1/products", body, fine=(409,))
        self._tell(f"{len(products)} products")

    def _import(self, kind: str, rows: Sequence[BaseModel]) -> None:
        faults: dict[str, Counter[str]] = {"refused": Counter(), "warnings": Counter()}
        taken = 0
        for batch in _batches(rows):
            body = {"rows": [row.model_dump(mode="json", exclude_unset=True) for row in batch]}
            answer = self._send("POST", f"/v1/imports/{kind}", body).json()
            taken += len(answer["imported"])
            for list_name, counter in faults.items():
                counter.update(fault["code"] for fault in answer[list_name])
            self._tell(f"{taken} of {len(rows)} {kind}")
        self.report["imported"][kind] = taken
        for list_name, counter in faults.items():
            self.report[list_name][kind] = dict(counter)

    def _send(
        self, method: str, path: str, body: dict[str, Any] | None = None, *, fine: tuple[int, ...] = ()
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self._token()}"}
        answer = self._http.request(method, path, json=body, headers=headers)
        if answer.is_error and answer.status_code not in fine:
            raise Refused(f"{method} {path} was answered {answer.status_code}: {answer.text[:2000]}")
        return answer


def _batches(rows: Sequence[BaseModel]) -> Iterator[Sequence[BaseModel]]:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        yield rows[start : start + _ROWS_AT_ONCE]
