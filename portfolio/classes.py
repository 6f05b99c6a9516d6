"""The five classes of loans and their order, by the numbers that the tables have.

Source: 贷款风险分类指引 (银监发〔2007〕54号), Art. 5; 商业银行金融资产风险分类办法 (2023), Art. 6.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Final


class Class(IntEnum):
    """A class; a greater number is a worse one."""

    NORMAL = 1
    SPECIAL_MENTION = 2
    SUBSTANDARD = 3
    DOUBTFUL = 4
    LOSS = 5

    @property
    def word(self) -> str:
        """The word that plans and tapes have for it."""
        return self.name.lower()

    @property
    def chinese(self) -> str:
        """Its name in the regulation."""
        return CHINESE[self]

    @property
    def non_performing(self) -> bool:
        """Whether loans of the class are non-performing: substandard, doubtful, loss."""
        return self >= Class.SUBSTANDARD


CHINESE: Final = {
    Class.NORMAL: "正常",
    Class.SPECIAL_MENTION: "关注",
    Class.SUBSTANDARD: "次级",
    Class.DOUBTFUL: "可疑",
    Class.LOSS: "损失",
}
#: classes by word and by Chinese name
BY_NAME: Final = {each.word: each for each in Class} | {name: each for each, name in CHINESE.items()}
NON_PERFORMING: Final = tuple(each for each in Class if each.non_performing)
