"""What the help page says, in the two languages it speaks."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

Language = Literal["zh-CN", "en"]

_ZONE = ZoneInfo("Asia/Shanghai")


class Text(NamedTuple):
    """One sentence in both languages, side by side so that neither is forgotten."""

    zh: str
    en: str

    def in_language(self, language: Language) -> str:
        return self.zh if language == "zh-CN" else self.en


TEXTS: dict[str, Text] = {
    # The frame around everything
    "title": Text("帮助中心", "Help"),
    "description": Text(
        "{center}帮助中心：资费、宽带、账单、业务办理，输入问题就能找到答案。",
        "{center} help: plans, broadband, bills and services. Type a question and find the answer.",
    ),
    "skip": Text("跳到正文", "Skip to content"),
    "other_language": Text("English", "中文"),
    "greeting": Text("您好，有什么可以帮您？", "Hello, how can we help?"),
    "search": Text("搜索", "Search"),
    "search_label": Text("搜索帮助", "Search help"),
    "search_hint": Text("用您自己的话描述问题", "Describe it in your own words"),
    "completions": Text("您可能想问", "You may be asking"),
    "back": Text("返回", "Back"),
    # The tree
    "categories": Text("全部分类", "All topics"),
    "articles_count": Text("{count} 篇", "{count} articles"),
    "articles_count_one": Text("1 篇", "1 article"),
    # Lists
    "hot": Text("大家都在问", "Often asked"),
    "hot_in": Text("{category} · 大家都在问", "Often asked: {category}"),
    "recommended": Text("推荐", "Recommended"),
    "no_hot": Text(
        "还没有热门问题，请从分类里查找。", "Nothing is often asked yet; please look through the topics."
    ),
    "empty_base": Text(
        "这里还没有文章。您可以直接咨询人工客服。", "There are no articles yet. You can ask a person instead."
    ),
    "empty_category": Text("这个分类里暂时没有文章。", "There are no articles on this topic at the moment."),
    "category_total": Text("共 {count} 篇", "{count} articles"),
    "category_total_one": Text("共 1 篇", "1 article"),
    "earlier": Text("上一页", "Previous"),
    "later": Text("下一页", "Next"),
    "page_range": Text("第 {first}–{last} 篇，共 {count} 篇", "{first}–{last} of {count}"),
    "results_for": Text("搜索“{q}”的结果", "Results for “{q}”"),
    "results_count": Text("找到 {count} 条结果", "{count} results"),
    "results_count_one": Text("找到 1 条结果", "1 result"),
    "only_in": Text("只看", "Only in"),
    "any_category": Text("全部", "All"),
    "likely": Text("最可能的答案", "Most likely answer"),
    "read_all": Text("查看全文", "Read it all"),
    "was_it": Text("这解决了您的问题吗？", "Did this solve it?"),
    "solved": Text("解决了", "Yes"),
    "unsolved": Text("没有", "No"),
    "solved_thanks": Text("太好了，谢谢您告诉我们。", "Great, thank you for telling us."),
    "unsolved_thanks": Text(
        "抱歉没帮上忙。看看下面的结果，或者直接问人工客服。",
        "Sorry it did not help. Have a look at the results below, or ask a person.",
    ),
    "choices": Text("您要问的是下面哪一个？", "Which of these do you mean?"),
    "other_results": Text("其他结果", "Other results"),
    "asks_back": Text(
        "您的问题比较短，加上具体业务会更准，例如“宽带怎么移机”。",
        "Your question is short; naming the service finds more, for example “move broadband”.",
    ),
    "did_you_mean": Text("您是不是要问", "Did you mean"),
    "perhaps": Text("没有完全对应的内容，这些或许有用", "Nothing fits exactly; these may help"),
    "best_results": Text(
        "以上是最相关的 {count} 条；多写几个词，可以找得更准。",
        "These are the {count} that fit best; a few more words would find it sooner.",
    ),
    "more_results": Text("显示更多结果", "Show more results"),
    "nothing": Text("没有找到“{q}”的相关内容", "Nothing was found for “{q}”"),
    "nothing_below": Text(
        "在“{category}”里没有找到“{q}”的相关内容", "Nothing was found for “{q}” in “{category}”"
    ),
    "search_everywhere": Text("在全部分类里搜索", "Search all topics"),
    "dropped": Text("这些词没有对应的内容：", "Nothing mentions: "),
    "try_other": Text("可以这样试试", "You could try"),
    "try_words": Text(
        "换个说法，例如把“上不去网”换成“无法上网”",
        "other words, for example “no connection” for “cannot get online”",
    ),
    "try_shorter": Text(
        "只保留关键的词，例如“宽带 移机”", "only the words that matter, such as “move broadband”"
    ),
    "try_browse": Text("从分类里查找", "looking through the topics"),
    "search_fails": Text(
        "搜索暂时不可用，您可以从分类里查找，或者稍后再试。",
        "Search is not available right now. Look through the topics, or try again shortly.",
    ),
    # The document
    "updated": Text("更新于", "Updated"),
    "valid_until": Text("有效期至", "Valid until"),
    "restricted": Text("专享内容", "For you only"),
    "files": Text("附件", "Files"),
    "related": Text("相关问题", "Related"),
    "in_this_category": Text("同类问题", "On the same topic"),
    "helpful": Text("这篇文章对您有帮助吗？", "Was this helpful?"),
    "yes": Text("有帮助", "Yes"),
    "no": Text("没帮助", "No"),
    "rated_yes": Text("谢谢，很高兴能帮到您。", "Thank you, we are glad it helped."),
    "rated_no": Text("谢谢您告诉我们。哪里没有说清楚？", "Thank you for telling us. What is missing?"),
    "comment_label": Text(
        "您的意见（选填，请不要写号码和密码）", "Your words (optional; no numbers or passwords)"
    ),
    "send": Text("提交", "Send"),
    "commented": Text("已收到，我们会改进这篇文章。", "Received. We will improve this article."),
    "gone": Text("这篇文章已经下线", "This article is not available any more"),
    "gone_why": Text(
        "它可能已被更新的内容取代。请在上面搜索，或看看大家都在问什么。",
        "It may have been replaced. Search above, or see what is often asked.",
    ),
    # A person
    "person": Text("没找到答案？", "Not what you were looking for?"),
    "ask": Text("问人工客服", "Ask a person"),
    # Trouble
    "no_center": Text("没有这个帮助中心", "There is no such help page"),
    "no_center_why": Text(
        "请检查地址，或从运营商的网站重新进入。",
        "Please check the address, or come again from the operator’s site.",
    ),
    "trouble": Text("页面暂时打不开", "The page cannot be shown right now"),
    "trouble_why": Text("请稍后再试，您的操作没有造成影响。", "Please try again shortly. Nothing was lost."),
    # Said by the script
    "loading": Text("正在加载…", "Loading…"),
    "offline": Text(
        "没有连上，当前内容仍可阅读。请检查网络后重试。",
        "No connection. What you see can still be read; check the network and try again.",
    ),
    "failed": Text(
        "服务器暂时没有回应，当前内容没有变化。请稍后重试。",
        "The server does not answer. Nothing has changed here; please try again shortly.",
    ),
    "retry": Text("重试", "Try again"),
    "completions_count": Text("{count} 条建议，用上下键选择", "{count} suggestions, use the arrow keys"),
    "chat_fails": Text(
        "在线客服暂时连不上，请稍后再试。", "The chat cannot be reached right now. Please try again shortly."
    ),
    "file_fails": Text(
        "文件暂时下载不了，请稍后再试。", "The file cannot be fetched right now. Please try again shortly."
    ),
}


def say(language: Language, key: str, **values: object) -> str:
    """A sentence; with `count=1`, its form for one."""
    if values.get("count") == 1 and f"{key}_one" in TEXTS:
        key += "_one"
    return TEXTS[key].in_language(language).format(**values)


def date_of(at_ms: int, language: Language) -> str:
    """`2026年8月22日`, `22 August 2026`, where the operator is."""
    day = datetime.fromtimestamp(at_ms / 1000, _ZONE)
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh-CN" else f"{day.day} {day:%B %Y}"


def iso_date(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, _ZONE):%Y-%m-%d}"


def file_size(size_bytes: int) -> str:
    """`812 B`, `24 KB`, `3.4 MB`."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    kilobytes = size_bytes / 1024
    return f"{kilobytes:.0f} KB" if kilobytes < 1000 else f"{kilobytes / 1024:.1f} MB"
