"""The five classes of loans (贷款五级分类) in their order, with the names that tapes use."""

from __future__ import annotations

from enum import StrEnum


class Class(StrEnum):
    """A class; the later one is the worse. What is compared is the `rank`."""

    NORMAL = "normal"
    SPECIAL_MENTION = "special_mention"
    SUBSTANDARD = "substandard"
    DOUBTFUL = "doubtful"
    LOSS = "loss"

    @property
    def rank(self) -> int:
        """Its place from 1, normal, to 5, loss: as stored."""
        return ORDER.index(self) + 1

    @property
    def chinese(self) -> str:
        """The name as written on tapes and in reports."""
        return CHINESE[self]

    @property
    def non_performing(self) -> bool:
        """Whether loans of the class are non-performing (不良贷款): substandard, doubtful, loss."""
        return self.rank >= Class.SUBSTANDARD.rank


ORDER = tuple(Class)
CHINESE = {
    Class.NORMAL: "正常",
    Class.SPECIAL_MENTION: "关注",
    Class.SUBSTANDARD: "次级",
    Class.DOUBTFUL: "可疑",
    Class.LOSS: "损失",
}
#: the classes of non-performing loans
NON_PERFORMING = tuple(each for each in ORDER if each.non_performing)
#: sub-grades of special mention; 2 to 4 are of incomplete customer data (甘信联, 002/1 二)
SUB_GRADES = (1, 2, 3, 4)
_BY_NAME = {**{each.value: each for each in ORDER}, **{name: each for each, name in CHINESE.items()}}


def ranked(rank: int) -> Class:
    """The class of this rank, 1 to 5; ValueError for another."""
    if not 1 <= rank <= len(ORDER):
        raise ValueError(f"no class has the rank {rank}")
    return ORDER[rank - 1]


def named(name: str) -> Class | None:
    """The class of this code or Chinese name; None for another word."""
    return _BY_NAME.get(name)


def worst(*classes: Class) -> Class:
    """The worst of the classes; normal of none."""
    return max(classes, key=lambda each: each.rank, default=Class.NORMAL)
