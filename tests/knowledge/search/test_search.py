"""Asking the engine, with either index."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.knowledge.search.texts import AGENT, ARTICLES, PUBLIC, OpenEngine, article, found_ids
from wecc.knowledge.search import Access, Engine, Vocabulary, decide


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("忘记宽带密码怎么办", "broadband-password"),
        ("手机卡丢了要挂失", "loss-report"),
        ("攜號轉網怎麼申請", "port"),
        ("网速好慢", "broadband-slow"),
        ("activating eSIMs", "esim"),
        ("授权码有效期", "port"),
    ],
)
def test_the_right_article_comes_first(engine: Engine, query: str, wanted: str) -> None:
    assert found_ids(engine, query)[0] == wanted


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("怎么取消挂失手机卡", "loss-lift"),
        ("手机卡怎么挂失", "loss-report"),
        ("取消国际漫游", "roaming-off"),
        ("关闭国际漫游怎么办理", "roaming-off"),
        ("打开国际漫游", "roaming-on"),
    ],
)
def test_the_opposite_action_is_not_the_answer(engine: Engine, query: str, wanted: str) -> None:
    found = engine.search(query, PUBLIC)
    assert found.hits[0].article_id == wanted
    assert found.hits[1:] == () or found.hits[0].score > found.hits[1].score + 1


def test_a_slip_of_the_hand_is_forgiven(open_engine: OpenEngine) -> None:
    engine = open_engine((article("meant", "亲情号码变更"), article("other", "怎么改套餐"), *ARTICLES))
    assert found_ids(engine, "亲情号吗怎么改")[0] == "meant"
    engine.close()


def test_the_phrase_that_matched_is_told(engine: Engine) -> None:
    assert engine.search("忘记上网密码", PUBLIC).hits[0].phrase == "忘记上网密码怎么办"


def test_many_similar_questions_do_not_sink_an_article(open_engine: OpenEngine) -> None:
    others = tuple(f"第{number}种问法 网络{number}" for number in range(40))
    documents = (
        article("rich", "流量套餐怎么变更", alternatives=others),
        article("poor", "怎么变更"),
        *ARTICLES,
    )
    engine = open_engine(documents)
    assert found_ids(engine, "流量套餐怎么变更")[0] == "rich"
    engine.close()


def test_synonyms_are_read_into_the_query(engine: Engine) -> None:
    assert "bill" not in found_ids(engine, "流水明细")[:1]
    engine.set_vocabulary(Vocabulary(synonyms=(("流水", "账单"), ("handset", "phone"))))
    assert found_ids(engine, "流水明细")[0] == "bill"


def test_a_new_domain_word_cuts_articles_again_and_survives(open_engine: OpenEngine) -> None:
    engine = open_engine()
    engine.set_vocabulary(Vocabulary(words=("携号转网",)))
    assert engine.search("携号转网", PUBLIC).dropped == ()
    engine.close()
    again = open_engine(vocabulary=Vocabulary(words=("携号转网", "网上营业厅")))
    found = again.search("携号转网 网上营业厅", PUBLIC)
    assert found.dropped == ()
    assert found.hits[0].article_id == "port"
    again.close()


def test_marks_stand_where_the_words_are(engine: Engine) -> None:
    hit = engine.search("携号转网授权码", PUBLIC).hits[0]
    assert [hit.snippet[start:end] for start, end in hit.marks] == ["携号转网", "授权码"]
    title = ARTICLES[4].title
    assert [title[start:end] for start, end in hit.title_marks] == ["携号转网"]


def test_marks_in_other_spellings_and_in_english(open_engine: OpenEngine) -> None:
    engine = open_engine((article("a", "攜號轉網ＦＡＱ"), article("b", "Activated cards", lang="en")))
    (hit,) = engine.search("携号转网faq", PUBLIC).hits
    assert hit.title_marks == ((0, 7),)
    (hit,) = engine.search("activate a card", PUBLIC).hits
    assert hit.title_marks == ((0, 9), (10, 15))
    engine.close()


def test_the_snippet_is_the_stretch_that_matters(open_engine: OpenEngine) -> None:
    filler = "本业务由公司提供，解释权归公司所有。" * 40
    body = f"{filler}光猫指示灯闪红灯表示线路故障。{filler}"
    engine = open_engine((*ARTICLES, article("light", "设备说明", body)))
    hit = engine.search("光猫红灯闪", PUBLIC).hits[0]
    assert hit.article_id == "light"
    assert "光猫指示灯闪红灯" in hit.snippet
    assert len(hit.snippet) < 150
    engine.close()


def test_categories_are_counted_at_every_level_and_narrow(engine: Engine) -> None:
    found = engine.search("国际漫游", PUBLIC)
    assert found.category_counts["roaming"] == 2
    assert found.category_counts["all"] == found.total
    assert set(found_ids(engine, "怎么办理", category_id="security")) == {"loss-report", "loss-lift"}
    assert found_ids(engine, "activate esim", lang="zh-CN") == []
    assert found_ids(engine, "activate esim", lang="en") == ["esim"]


def test_what_nothing_holds_is_told(engine: Engine) -> None:
    found = engine.search("量子纠缠", PUBLIC)
    assert found.hits == ()
    assert found.confidence == 0
    assert "".join(found.dropped) == "量子纠缠"
    assert decide(found, 0.8, 0.2) == "escalate"


def test_a_short_query_that_fits_many_asks_back(open_engine: OpenEngine) -> None:
    plans = tuple(article(f"plan-{number}", f"流量套餐{name}") for number, name in enumerate("甲乙丙丁"))
    engine = open_engine((*ARTICLES, *plans))
    found = engine.search("流量套餐", PUBLIC)
    assert found.asks_back
    assert decide(found, 0.0, 0.0) == "suggest"
    assert not engine.search("怎么重置宽带密码", PUBLIC).asks_back
    engine.close()


def test_a_clear_question_is_answered_with_confidence(engine: Engine) -> None:
    sure = engine.search("怎么查询话费账单", PUBLIC)
    vague = engine.search("我想问一下手机的问题", PUBLIC)
    assert sure.confidence > 0.8
    assert vague.confidence < 0.5
    assert decide(sure, 0.8, 0.2) == "answer"


@pytest.mark.parametrize("access", [PUBLIC, Access(frozenset({"web", "desk"}), frozenset({"public"}))])
def test_what_one_may_not_see_shows_nowhere(open_engine: OpenEngine, access: Access) -> None:
    secret = article(
        "secret",
        "量子退费内部审批",
        "量子退费由主管审批，量子系数三点五。",
        path=("all", "desk", "hidden"),
        targets=frozenset({"desk"}),
        audience=frozenset({"agents", "group:contract"}),
    )
    queries = ("量子退费内部审批", "退费", "怎么查询话费账单", "主管审批系数")
    typed = ("量子", "liangzi", "lztf", "退", "怎么")
    without = open_engine()
    plain = [without.search(query, access) for query in queries]
    completed = [without.complete(prefix, access) for prefix in typed]
    without.apply([secret], [], 2)
    assert [without.search(query, access) for query in queries] == plain
    assert [without.complete(prefix, access) for prefix in typed] == completed
    assert found_ids(without, "量子退费", AGENT)[0] == "secret"
    assert found_ids(without, "量子退费", access, category_id="hidden") == []
    without.close()


def test_a_withdrawn_version_is_gone_at_once(engine: Engine) -> None:
    engine.apply([], ["bill@1"], 7)
    assert engine.revision == 7
    assert "bill" not in found_ids(engine, "怎么查询话费账单")
    assert engine.complete("怎么查询话费", PUBLIC) == []
    engine.apply([], ["bill@1", "never@9"], 8)


def test_what_is_prepared_is_seen_when_it_is_shown(engine: Engine) -> None:
    """The long part runs in a thread of its own, beside searches."""
    new = article("bill", "账单查询新办法", version=2)
    with ThreadPoolExecutor(1) as writer:
        preparing = writer.submit(engine.prepare, [new], ["bill@1"], 7)
        while not preparing.done():
            assert found_ids(engine, "怎么查询话费账单")[0] == "bill"
        show = preparing.result()
    (before,) = [hit for hit in engine.search("账单查询", PUBLIC).hits if hit.article_id == "bill"]
    assert (before.version, engine.revision) == (1, 1)
    show()
    (after,) = [hit for hit in engine.search("账单查询", PUBLIC).hits if hit.article_id == "bill"]
    assert (after.version, engine.revision) == (2, 7)


def test_publishing_again_replaces(engine: Engine) -> None:
    count = engine.count
    for number in range(12):
        engine.apply([article("bill", f"话费账单查询第{number}版", "新的说明")], [], number)
    assert engine.count == count
    (hit,) = [hit for hit in engine.search("话费账单查询", PUBLIC, 50).hits if hit.article_id == "bill"]
    assert hit.snippet == "新的说明"
    assert engine.search("上个月用了多少钱", PUBLIC).hits[:1] != (hit,)


def test_a_new_version_takes_the_place_of_the_old(engine: Engine) -> None:
    engine.apply([article("bill", "账单查询新办法", version=2)], ["bill@1"], 2)
    versions = {hit.version for hit in engine.search("账单查询", PUBLIC).hits if hit.article_id == "bill"}
    assert versions == {2}


@pytest.mark.parametrize(
    ("typed", "wanted", "marked"),
    [
        ("宽带", "broadband-slow", "宽带"),
        ("kuandaiwangsu", "broadband-slow", "宽带网速"),
        ("czkd", "broadband-password", "重置宽带"),
        ("chongzhi", "broadband-password", "重置"),
        ("携号", "port", "携号"),
        ("攜號", "port", "携号"),
        ("how do", "esim", "How do"),
        ("esim", "esim", "eSIM"),
    ],
)
def test_the_half_typed_is_completed(engine: Engine, typed: str, wanted: str, marked: str) -> None:
    completions = engine.complete(typed, PUBLIC)
    (completion,) = [item for item in completions if item.article_id == wanted]
    assert [completion.text[start:end] for start, end in completion.marks] == [marked]


def test_pinyin_begins_with_a_syllable(engine: Engine) -> None:
    assert engine.complete("uandai", PUBLIC) == []
    assert engine.complete("", PUBLIC) == []
    assert len(engine.complete("怎么", PUBLIC, 3)) == 3
