"""A small operator's knowledge base, and who asks it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from wecc.knowledge.search import Access, Document, Engine, Kind, Vocabulary

PUBLIC = Access(frozenset({"web"}), frozenset({"public"}))
AGENT = Access(frozenset({"web", "desk"}), frozenset({"public", "agents"}))

_NO_WORDS = Vocabulary()

OpenEngine = Callable[..., Engine]


def article(
    article_id: str,
    title: str,
    body: str = "",
    *,
    alternatives: tuple[str, ...] = (),
    version: int = 1,
    lang: str = "zh-CN",
    path: tuple[str, ...] = ("all",),
    targets: frozenset[str] = frozenset({"web"}),
    audience: frozenset[str] = frozenset({"public"}),
) -> Document:
    return Document(article_id, version, title, alternatives, body, lang, path, targets, audience)


ARTICLES = (
    article(
        "loss-report",
        "手机卡挂失怎么办理",
        "手机丢失后请尽快挂失。拨打客服热线或登录网上营业厅，验证服务密码后即可办理，挂失后号码暂时不能使用。",
        alternatives=("SIM卡丢了怎么办", "手机被偷了如何挂失号码"),
        path=("all", "number", "security"),
    ),
    article(
        "loss-lift",
        "手机卡解挂怎么办理",
        "找回手机后可以解除挂失。请携带身份证到营业厅，或在网上营业厅验证服务密码后解挂，立即生效。",
        alternatives=("手机找到了如何取消挂失",),
        path=("all", "number", "security"),
    ),
    article(
        "roaming-on",
        "国际漫游怎么开通",
        "出国前三天开通国际漫游。发送短信KTGJMY到客服号码，或在网上营业厅开通，当天生效。",
        alternatives=("出国怎么用手机", "开通国际漫游业务"),
        path=("all", "roaming"),
    ),
    article(
        "roaming-off",
        "国际漫游怎么取消",
        "回国后可以取消国际漫游。发送短信QXGJMY到客服号码，或在网上营业厅取消，次日生效。",
        path=("all", "roaming"),
    ),
    article(
        "port",
        "携号转网如何申请",
        "携号转网前请先查询资格：无欠费、合约到期、实名登记。发送短信获取授权码，有效期七天。",
        alternatives=("换运营商能保留号码吗",),
        path=("all", "number"),
    ),
    article(
        "broadband-password",
        "怎么重置宽带密码",
        "宽带上网密码可以在网上营业厅重置。进入我的宽带，选择重置密码，新密码由短信发送。",
        alternatives=("宽带密码忘了", "忘记上网密码怎么办"),
        path=("all", "broadband"),
    ),
    article(
        "broadband-slow",
        "宽带网速慢怎么处理",
        "请先重启光猫和路由器，再用有线连接测速。仍然很慢时请报障，工程师会在24小时内上门。",
        path=("all", "broadband"),
    ),
    article(
        "bill",
        "怎么查询话费账单",
        "登录网上营业厅，在账单查询中可以查看最近六个月的话费账单和详单。",
        alternatives=("上个月用了多少钱",),
        path=("all", "bills"),
    ),
    article(
        "invoice",
        "电子发票如何开具",
        "在网上营业厅的账单页面选择开具电子发票，发票会发送到您的邮箱。",
        path=("all", "bills"),
    ),
    article(
        "esim",
        "How do I activate an eSIM?",
        "Open the app, choose My number and scan the QR code. Your eSIM is activated within five minutes.",
        alternatives=("Set up an eSIM on my new phone",),
        lang="en",
        path=("all", "number"),
    ),
    article(
        "refund-limits",
        "退费审批权限",
        "五十元以下由座席直接退费，五十元以上由班长审批。",
        path=("all", "desk"),
        targets=frozenset({"desk"}),
        audience=frozenset({"agents"}),
    ),
)


def opener(folder: Path, kind: Kind, *, with_encoder: bool = False) -> OpenEngine:
    """Opens an engine in the folder with the articles above, or others."""

    def open_engine(
        documents: tuple[Document, ...] = ARTICLES, vocabulary: Vocabulary = _NO_WORDS, revision: int = 1
    ) -> Engine:
        return Engine.open(folder, kind, documents, revision, vocabulary, with_encoder=with_encoder)

    return open_engine


def found_ids(
    engine: Engine, query: str, access: Access = PUBLIC, *, category_id: str = "", lang: str = ""
) -> list[str]:
    found = engine.search(query, access, category_id=category_id, lang=lang)
    return [hit.article_id for hit in found.hits]
