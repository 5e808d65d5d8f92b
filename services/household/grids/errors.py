"""How grids refuse."""

from __future__ import annotations

from shared.refusal import Refusal


class GridNumberTaken(Refusal):
    """The village has a grid of that number."""

    status = 409
    code = "grid_number_taken"
    zh = "本村已有相同编号的网格"


class GroupTaken(Refusal):
    """A villagers' group belongs to one grid, if it belongs to one as a whole."""

    status = 409
    code = "group_taken"
    zh = "该村民小组已整体划入其他网格"


class GridClosed(Refusal):
    """The grid is no more."""

    status = 409
    code = "grid_closed"
    zh = "该网格已撤销"


class NotOfVillage(Refusal):
    """A household belongs to another village, or to none that you see."""

    status = 422
    code = "not_of_village"
    zh = "农户不属于该网格所在的村"
