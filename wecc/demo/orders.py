"""Orders for home broadband: what a valid one is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from wecc.demo.catalog import SPEEDS, Speed
from wecc.demo.language import Text

CITIES = {
    "guangzhou": Text("广州", "Guangzhou"),
    "shenzhen": Text("深圳", "Shenzhen"),
    "zhuhai": Text("珠海", "Zhuhai"),
    "foshan": Text("佛山", "Foshan"),
    "dongguan": Text("东莞", "Dongguan"),
    "zhongshan": Text("中山", "Zhongshan"),
}
SLOTS = {
    "morning": Text("上午 9:00–12:00", "Morning, 9:00–12:00"),
    "afternoon": Text("下午 14:00–18:00", "Afternoon, 14:00–18:00"),
    "evening": Text("晚上 18:30–20:30", "Evening, 18:30–20:30"),
}
SPEED = {str(speed.mbps): speed for speed in SPEEDS}

_MOBILE = re.compile(r"1[3-9]\d{9}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")


@dataclass(frozen=True, slots=True)
class Order:
    """A valid application; `city`, `speed` and `slot` are what was chosen, not their codes."""

    name: str
    mobile: str
    email: str
    city: Text
    address: str
    speed: Speed
    day: date
    slot: Text
    remarks: str


def first_day(today: date) -> date:
    """The earliest day an engineer can come."""
    return today + timedelta(days=2)


def last_day(today: date) -> date:
    """The latest day that can be booked."""
    return today + timedelta(days=30)


def read_order(form: Mapping[str, str], today: date) -> Order | dict[str, Text]:
    """The order in `form`, or what is wrong with it: a sentence for each field, in the form's order."""
    value = {key: unicodedata.normalize("NFKC", raw).strip() for key, raw in form.items()}
    errors: dict[str, Text] = {}

    speed = SPEED.get(value.get("speed", ""))
    if speed is None:
        errors["speed"] = Text("请选择网速。", "Please choose a speed.")

    city = CITIES.get(value.get("city", ""))
    if city is None:
        errors["city"] = Text("请选择城市。", "Please choose a city.")

    address = form.get("address", "").strip()
    if not 6 <= len(address) <= 120:
        errors["address"] = Text(
            "请写到门牌号，6 至 120 个字。", "Please give the full address, 6 to 120 characters."
        )

    day = _read_day(value.get("day", ""))
    if day is None or not first_day(today) <= day <= last_day(today):
        errors["day"] = Text(
            "请选择两天后、三十天内的日期。", "Please choose a day between 2 and 30 days ahead."
        )

    slot = SLOTS.get(value.get("slot", ""))
    if slot is None:
        errors["slot"] = Text("请选择上门时段。", "Please choose a time of day.")

    name = form.get("name", "").strip()
    if not 2 <= len(name) <= 40:
        errors["name"] = Text("请填写联系人姓名，2 至 40 个字。", "Please give a name of 2 to 40 characters.")

    mobile = re.sub(r"[\s-]|^\+86", "", value.get("mobile", ""))
    if not _MOBILE.fullmatch(mobile):
        errors["mobile"] = Text(
            "手机号是 11 位数字，以 1 开头。", "A mobile number has 11 digits and begins with 1."
        )

    email = value.get("email", "")
    if email and (len(email) > 120 or not _EMAIL.fullmatch(email)):
        errors["email"] = Text(
            "邮箱的写法像 name@example.com，也可以不填。",
            "Write it like name@example.com, or leave it empty.",
        )

    remarks = form.get("remarks", "").strip()
    if len(remarks) > 200:
        errors["remarks"] = Text("备注最多 200 个字。", "At most 200 characters, please.")

    if "agree" not in form:
        errors["agree"] = Text("需要您同意装机须知才能提交。", "Please agree to the terms of installation.")

    if errors or not (speed and city and day and slot):
        return errors
    return Order(name, mobile, email, city, address, speed, day, slot, remarks)


def _read_day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
