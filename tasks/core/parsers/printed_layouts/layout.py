"""What makes up a layout in which programs print their own frames."""

import re
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Layout:
    """
    One way to print one frame in one line.

    ``frame`` fits the whole line without the blanks around it; its groups are fields of a frame (``number``,
    ``name``, ``symbol``, ``file``, ``line``, ``module``, ``address``, ``inlined``, ``counter``), all of them optional.
    ``mark`` is a literal that such a line holds, so that most lines are told apart without the expression.

    ``sign`` fits the lines by which a whole text is recognised: stricter, since two of them make a stack of any text.
    ``signposts`` are literals of those lines by which they are found in megabytes.
    """

    mark: str
    frame: re.Pattern[str]
    sign: bytes = b""
    signposts: tuple[bytes, ...] = ()
