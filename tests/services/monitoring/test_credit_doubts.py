"""Doubts about small credit: raised by rule or by somebody, listed, explained, and settled by another person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.monitoring.credits.rules import credit_rule, doubts_about
from services.monitoring.credits.schemas import UseForm
from shared.domain.codes import code_lists
from tests.services.monitoring.conftest import COUNTY, VILLAGE, Scene, move
from tests.services.monitoring.test_credits import USE, granted


def doubted(**changes: Any) -> list[str]:
    return list(doubts_about(UseForm.model_validate(USE | changes), credit_rule(VILLAGE, date(2021, 6, 10))))


@pytest.mark.check
@pytest.mark.parametrize(
    ("changes", "flags"),
    [
        pytest.param({}, [], id="the household's own cattle"),
        pytest.param({"used_by": "operator"}, ["used_by_firm"], id="a firm uses it"),
        pytest.param({"used_by": "others"}, ["relent"], id="lent on"),
        pytest.param({"transferred_to": "某合作社"}, ["transferred"], id="sent to an operator"),
        pytest.param({"dividends": True}, ["share_dividend"], id="a share that pays dividends"),
        pytest.param({"purpose": "house"}, ["wrong_purpose"], id="a house after all"),
        pytest.param(
            {"used_by": "operator", "transferred_to": "某公司", "dividends": True, "purpose": "finance"},
            ["used_by_firm", "transferred", "share_dividend", "wrong_purpose"],
            id="all at once",
        ),
    ],
)
def test_a_use_raises_the_doubts_of_the_rule(changes: dict[str, Any], flags: list[str]) -> None:
    assert doubted(**changes) == flags


@pytest.mark.check
def test_every_doubt_and_purpose_of_the_rule_is_a_code_with_words() -> None:
    rule = credit_rule(COUNTY, date(2021, 6, 10))
    assert set(rule.doubts) == {each.code for each in code_lists()["credit_doubt"].codes}
    assert all(each.zh and each.en for each in rule.doubts.values())
    assert rule.not_for <= {each.code for each in code_lists()["credit_purpose"].codes}


async def test_a_doubt_is_listed_explained_and_settled_by_another_person(scene: Scene) -> None:
    credit = await granted(scene)
    firm = {"used_by": "operator", "transferred_to": "某合作社", "words": "资金交合作社统一经营"}
    shown = await move(scene.town, f"{credit}/use", USE | firm)
    assert shown["open_flags"] == ["used_by_firm", "transferred"]
    listed = (await scene.county.get("/credits?flag=used_by_firm")).json()["items"]
    assert [f"/credits/{each['id']}" for each in listed] == [credit]
    assert (await scene.county.get("/credits?flag=relent")).json()["items"] == []
    (raised, _) = listed[0]["doubts"]
    assert raised["zh"].startswith("户贷企用")
    assert raised["en"].startswith("used by a firm")
    assert (raised["rule"], raised["words"], raised["verdict"]) == ("2021-03", "资金交合作社统一经营", None)
    assert "银保监发〔2021〕6号" in raised["source"]
    verdict = {"verdict": "confirmed", "findings": "合同与流水属实", "evidence": ["银行流水"]}
    at = f"{credit}/doubts/used_by_firm/verdict"
    own = await move(scene.town, at, verdict, expect=409)
    assert own["code"] == "same_person_settles"
    bare = await move(scene.county, at, verdict | {"evidence": []}, expect=422)
    assert bare["code"] == "invalid"
    settled = await move(scene.county, at, verdict)
    assert (settled["open_flags"], settled["confirmed_flags"]) == (["transferred"], ["used_by_firm"])
    assert (settled["doubts"][0]["verdict"], settled["doubts"][0]["proof"]) == ("confirmed", ["银行流水"])
    assert (await move(scene.county, at, verdict, expect=409))["code"] == "no_doubt"
    refuted = verdict | {"verdict": "refuted", "findings": "为本户购牛货款"}
    settled = await move(scene.county, f"{credit}/doubts/transferred/verdict", refuted)
    assert (settled["open_flags"], settled["confirmed_flags"]) == ([], ["used_by_firm"])
    listed = (await scene.county.get("/credits?confirmed=used_by_firm")).json()["items"]
    assert len(listed) == 1
    assert (await scene.county.get("/credits?confirmed=transferred")).json()["items"] == []


async def test_anybody_at_work_raises_a_doubt_once_and_again_after_its_verdict(scene: Scene) -> None:
    credit = await granted(scene)
    form = {"flag": "share_dividend", "words": "村民反映每年领分红"}
    await move(scene.village, f"{credit}/doubts", form)
    assert (await move(scene.town, f"{credit}/doubts", form, expect=409))["code"] == "doubted_already"
    # What the use tells later is the same doubt.
    shown = await move(scene.village, f"{credit}/use", USE | {"dividends": True})
    assert shown["open_flags"] == ["share_dividend"]
    verdict = {"verdict": "refuted", "findings": "系土地流转费", "evidence": ["流转合同"]}
    await move(scene.town, f"{credit}/doubts/share_dividend/verdict", verdict)
    shown = await move(scene.village, f"{credit}/doubts", form)
    assert [each["verdict"] for each in shown["doubts"]] == ["refuted", None]
    village = await move(scene.village, f"{credit}/doubts/share_dividend/verdict", verdict, expect=403)
    assert village["code"] == "forbidden"
