"""Names and numbers of nobody: borrowers, enterprises, staff."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

_SURNAMES = "赵钱孙李冯邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊"
_TRADES = ("粮油", "建材", "果蔬", "饲料", "机械", "纺织", "运输", "养殖", "木业", "食品")
_KINDS = ("有限公司", "加工厂", "专业合作社", "商贸行")
#: no region's number begins with it (GB/T 2260)
_REGION = "990000"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_FIRST_BIRTH = date(1950, 1, 1)
_BIRTHS = 18_000
#: of unified social credit codes (GB 32100): digits and letters without I, O, S, V, Z
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def person(draw: Random) -> str:
    """A surname without a given name."""
    return draw.choice(_SURNAMES) + draw.choice(("某", "某某"))


def enterprise(draw: Random, number: int) -> str:
    """An enterprise that says that it is an example."""
    return f"示范{draw.choice(_TRADES)}{number}号{draw.choice(_KINDS)}"


def identity_number(draw: Random, number: int) -> str:
    """Eighteen characters with a right check digit (GB 11643), of a region that is none; unique by number."""
    born = _FIRST_BIRTH + timedelta(days=draw.randrange(_BIRTHS))
    # the region's last four digits carry what the sequence of three cannot
    body = f"99{number // 1000:04d}{born:%Y%m%d}{number % 1000:03d}"
    return body + _CHECKS[sum(int(each) * weight for each, weight in zip(body, _WEIGHTS, strict=True)) % 11]


def credit_code(number: int) -> str:
    """Eighteen characters of an enterprise, with a right check character (GB 32100); unique by number."""
    body = f"99{_REGION}{number:09d}"
    total = sum(_CODE.index(each) * pow(3, place, 31) for place, each in enumerate(body))
    return body + _CODE[(31 - total % 31) % 31]
