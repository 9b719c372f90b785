"""What the engine says in its own words, for whichever flow."""

from wecc.selfservice.flow import Words

GLAD = Words(
    "很高兴帮到您。还有别的需要，可以直接写下来，或者：",
    "Glad that helped. If there is anything else, just write, or choose:",
)
NOT_FOUND = Words(
    "抱歉，这个问题我没有找到合适的答案。您可以换个说法，或者从下面选择：",
    "Sorry, I found no good answer to this. You could put it in other words, or choose here:",
)
NOT_HELPED = Words(
    "抱歉没有帮上忙。您可以换个说法再问，或者从下面选择：",
    "Sorry that did not help. You could ask in other words, or choose here:",
)
MORE = Words(
    "能再具体一点吗？比如是哪项业务、想做什么、看到了什么提示。",
    "Could you say a little more? For example which service it is, what you want to do, or what you see.",
)
PERHAPS = Words("或者，您要找的是：", "Or is it one of these?")
WHICH = Words("您要找的是下面哪一项？", "Which of these do you mean?")
NO_ARTICLE = Words(
    "抱歉，这篇内容暂时打不开。您可以直接写下问题，或者从下面选择：",
    "Sorry, this page cannot be opened right now. You could write your question, or choose here:",
)

SOLVED_LABEL = Words("解决了", "This solved it")
UNSOLVED_LABEL = Words("没有解决", "Not solved")
NONE_LABEL = Words("都不是", "None of these")
PERSON_LABEL = Words("转人工", "Talk to a person")
HOME_LABEL = Words("返回菜单", "Back to the menu")
END_LABEL = Words("没有了，谢谢", "No, thank you")
