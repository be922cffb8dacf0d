"""Which column of a file goes to which field, guessed from headings in English, Chinese and Polish."""

import re
from collections.abc import Mapping, Sequence

from contracts.errors import FieldFault, InvalidInput
from services.customer.rules.search import fold

CUSTOMER_HEADINGS: Mapping[str, str] = {
    "id": "tideline id|customer id|客户编号|identyfikator|id klienta",
    "kind": "type|customer type|客户类型|类型|typ|rodzaj",
    "name": (
        "company|company name|customer|customer name|account|account name|client|full name|organization|organisation"
        "|名称|公司|公司名称|客户|客户名称|姓名|企业名称|單位|名稱|公司名稱|客戶名稱"
        "|nazwa|firma|nazwa firmy|klient|nazwa klienta|kontrahent|imię i nazwisko"
    ),
    "legal_name": "legal name|registered name|法定名称|注册名称|全称|nazwa prawna|pełna nazwa",
    "registration_number": (
        "registration number|registration no|tax id|vat id|vat|vat number|company number|统一社会信用代码|税号|注册号"
        "|nip|regon|krs|numer rejestrowy"
    ),
    "website": "web|web site|url|homepage|www|网站|网址|官网|網站|strona|strona www|strona internetowa",
    "industry": "sector|branch|行业|行業|所属行业|branża|sektor",
    "size": "employees|number of employees|headcount|staff|员工数|人数|规模|pracownicy|liczba pracowników",
    "founded_in": "founded|year founded|year established|established|成立年份|成立时间|rok założenia|założona",
    "parent": "parent company|subsidiary of|group|母公司|上级公司|集团|firma matka|spółka matka|grupa",
    "parent_id": "parent id|母公司编号|id firmy matki",
    "birthday": "birth date|date of birth|born|生日|出生日期|urodziny|data urodzenia",
    "employer": "works at|works for|雇主|工作单位|pracodawca|miejsce pracy",
    "phones": (
        "phone|phone number|telephone|tel|mobile|mobile phone|cell|电话|电话号码|手机|手机号|联系电话|電話|手機"
        "|telefon|numer telefonu|tel.|komórka"
    ),
    "emails": "email|e-mail|mail|email address|e-mail address|邮箱|电子邮件|电子邮箱|邮件|郵箱|adres e-mail|poczta",
    "handles": "accounts|social|微信|wechat|konta",
    "street": "address|street address|address line 1|地址|街道|详细地址|ulica|adres",
    "city": "town|城市|市|miasto|miejscowość",
    "region": "state|province|county|office location|省|省份|地区|województwo|region",
    "postal_code": "zip|zip code|postcode|postal code|邮编|邮政编码|kod pocztowy",
    "country": "国家|國家|kraj|państwo",
    "address_label": "address label|地址标签|etykieta adresu",
    "other_addresses": "other addresses|其他地址|inne adresy",
    "source": "lead source|origin|来源|客户来源|źródło",
    "level": "grade|rating|等级|级别|客户等级|poziom|klasa",
    "lifecycle": "lifecycle stage|生命周期|客户阶段|etap klienta",
    "junk_reason": "junk reason|无效原因|powód odrzucenia",
    "tags": "labels|标签|標籤|etykiety|tagi",
    "do_not_contact": "do not contact|opt out|请勿联系|勿扰|nie kontaktować",
    "note": "notes|comment|comments|description|remarks|备注|说明|備註|notatka|uwagi|opis",
    "owner": (
        "sales rep|salesperson|account owner|assigned to|sales agent|负责人|销售|所有者|负责销售"
        "|opiekun|właściciel|handlowiec"
    ),
    "pool_id": "pool id|公海编号|id puli",
}
"""The fields that a column can go to, each with what its heading may say beside the field's own name."""

CONTACT_HEADINGS: Mapping[str, str] = {
    "id": "contact id|联系人编号|id kontaktu",
    "customer_id": "company id|account id|客户编号|公司编号|id klienta|id firmy",
    "customer": (
        "company|company name|customer name|account|account name|client|organization|organisation|employer"
        "|公司|公司名称|客户|客户名称|企业名称|公司名稱|客戶名稱|firma|nazwa firmy|klient|nazwa klienta|kontrahent"
    ),
    "customer_registration_number": (
        "registration number|registration no|tax id|vat id|company number|统一社会信用代码|税号|注册号"
        "|nip|regon|krs|numer rejestrowy"
    ),
    "name": (
        "contact|contact name|contact person|full name|person|姓名|联系人|名称|聯絡人"
        "|imię i nazwisko|osoba|kontakt|nazwisko"
    ),
    "title": "job title|position|role|job|职位|职务|職位|stanowisko|funkcja",
    "department": "dept|division|部门|部門|dział|departament",
    "reports_to": "manager|superior|supervisor|reports to|上级|汇报对象|przełożony|podlega",
    **{field: CUSTOMER_HEADINGS[field] for field in ("phones", "emails", "note")},
}
"""The same for contacts."""

_PUNCTUATION = re.compile(r"[\s_:*()\[\]（）：.-]+")


def guessed(headings: Sequence[str], fields: Mapping[str, str]) -> dict[str, str]:
    """Fields with the headings that say so; the first one where several do."""
    meant = {_key(alias): field for field, aliases in fields.items() for alias in (*aliases.split("|"), field)}
    found: dict[str, str] = {}
    for heading in headings:
        field = meant.get(_key(heading))
        if field is not None:
            found.setdefault(field, heading)
    return found


def check(
    mapping: Mapping[str, str], headings: Sequence[str], *, fields: Mapping[str, str], needed: Sequence[Sequence[str]]
) -> None:
    """InvalidInput names each field that is none, each heading that isn't there, and what is needed without a column.

    Of each group of needed fields one must have a column.
    """
    there = set(headings)
    faults = [
        FieldFault(field=f"mapping.{field}", code="import.unknown_field", message="There is no such field.")
        for field in mapping
        if field not in fields
    ]
    faults += [
        FieldFault(field=f"mapping.{field}", code="import.unknown_column", message=f"No column is headed {heading!r}.")
        for field, heading in mapping.items()
        if heading not in there
    ]
    for group in needed:
        if mapping.keys().isdisjoint(group):
            which = " or ".join(group)
            message = f"Say which column holds the {which}. If there seems to be one column alone, give the delimiter."
            faults.append(FieldFault(field=f"mapping.{group[0]}", code="import.column_missing", message=message))
    if faults:
        raise InvalidInput(faults[0].code, faults[0].message, fields=faults)


def _key(heading: str) -> str:
    return _PUNCTUATION.sub("", fold(heading))
