"""What can be wrong with a form definition, in a statistician's words: one named constant a message.

Each is said in both languages, Chinese first; what stands in braces is filled in where it is found.
"""

from enum import Enum, unique


@unique
class Fault(Enum):
    """One class of message; its name is the code under which tests and tools know it."""

    zh: str
    en: str

    def __init__(self, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en

    def say(self, **facts: object) -> str:
        """The message in both languages."""
        return f"{self.zh.format(**facts)} {self.en.format(**facts)}"

    # The file as text
    FILE_TOO_LONG = ("文件超过 {limit} 个字符。", "the file is over {limit} characters")
    FILE_EMPTY = ("文件是空的。", "the file is empty")
    NOT_YAML = ("不是合格的 YAML：{problem}。", "not YAML: {problem}")
    NAME_TWICE = ("{name!r} 写了两次。", "{name!r} stands twice")
    NAME_EXPECTED = ("这里应是一个名称。", "a name was expected")
    ANCHOR = ("报表文件不用锚点和别名，请把值写全。", "anchors and aliases are not used in a form; write the value out")

    # Names and shapes
    UNKNOWN_NAME = ("没有这个名称，请核对拼写。", "Unknown field: no such name here")
    MISSING = ("缺少必填内容。", "Missing data: this is required")
    EMPTY = ("不能为空。", "Shorter than minimum length 1: this must not be empty")
    NOT_TEXT = ("这里应是文字。", "a text was expected")
    NOT_A_LIST = ("这里应是一个列表。", "a list was expected")
    NOT_A_MAPPING = ("这里应是“名称: 值”。", "names with values were expected")
    NOT_AN_INTEGER = ("这里应是整数。", "an integer was expected")
    NOT_A_BOOLEAN = ("这里应是 true 或 false。", "true or false was expected")
    NOT_A_DATE = ("这里应是日期，如 2027-12-31。", "a date such as 2027-12-31 was expected")
    NOT_ONE_OF = ("这里应是下列之一：{choices}。", "one of {choices} was expected")
    OUT_OF_RANGE = ("应在 {min} 到 {max} 之间。", "a number from {min} to {max} was expected")
    BAD_KEY = ("key 用小写字母开头，只含小写字母、数字和下划线。", "a key is lower-case letters, digits and _")
    BAD_RULE_ID = ("审核关系编号用字母开头，只含字母和数字。", "a rule id is a letter, then letters or digits")
    BAD_FORM_NAME = ("表名只含字母、数字和连字符。", "letters, digits and - were expected")
    WRONG_FILE_NAME = ("文件里写的是 {version}，与文件名不符。", "the file holds {version}")

    # Items, tables, options
    KEY_TWICE = ("key {value!r} 用了两次。", "key {value!r} is used twice")
    CODE_TWICE = ("代码 {value!r} 用了两次。", "code {value!r} is used twice")
    RULE_TWICE = ("审核关系编号 {value!r} 用了两次。", "id {value!r} is used twice")
    OPTION_TWICE = ("选项代码 {value!r} 用了两次。", "option {value!r} is used twice")
    RESERVED_KEY = ("{key!r} 是系统保留的名称，请换一个。", "{key!r} is reserved; choose another key")
    INTEGER_WITH_DECIMALS = (
        "整数项没有小数位；要小数请写 type: decimal。",
        "an integer item has no decimals; say type: decimal",
    )
    DECIMAL_WITHOUT_DECIMALS = (
        "小数项要写明小数位数（1 到 6）。",
        "a decimal item says how many decimals it takes, 1 to 6",
    )
    STARRED_ALWAYS = (
        "带 * 的项只问带星单位；请写 required: starred。",
        "a starred item is asked of starred units only; say required: starred",
    )
    STARRED_REQUIREMENT = ("required: starred 只用于带 * 的项。", "required: starred belongs to a starred item")
    NO_SUCH_PARENT = ("本表没有上级项 {key!r}。", "the form has no item {key!r} to be a part of")
    PARENT_UNIT = (
        "部分的计量单位是{part}，总体是{whole}，两者不同。",
        "a part in {part} of a whole in {whole}: units of measure differ",
    )
    PARENT_CYCLE = ("这一项成了自己的一部分：{chain}。", "an item is part of itself: {chain}")
    FIGURE_WITHOUT_UNIT = ("数值项要写计量单位。", "a figure needs its unit of measure")
    UNIT_WITHOUT_FIGURE = ("文字、选项、日期没有计量单位。", "a text, a choice or a date has no unit of measure")
    FIGURE_WITHOUT_KIND = ("数值项要写 kind。", "a figure needs its kind")
    KIND_WITHOUT_FIGURE = ("文字、选项、日期不能相加，不写 kind。", "a text, a choice or a date has no kind")
    CHOICE_WITHOUT_OPTIONS = ("选项项要写明用哪个选项表。", "a choice names its option list")
    OPTIONS_WITHOUT_CHOICE = ("只有选项项才有选项表。", "only a choice has an option list")
    NO_SUCH_OPTIONS = ("没有选项表 {name!r}。", "there is no option list {name!r}")
    OPTIONS_UNUSED = ("选项表 {name!r} 没有任何项使用。", "option list {name!r} is used by no item")
    KEYWORDS_UNUSED = ("关键词表 {name!r} 没有任何审核关系使用。", "keyword list {name!r} is used by no rule")
    KEYWORD_TWICE = ("关键词“{word}”写了两次。", "keyword “{word}” stands twice")
    ITEMS_OR_TABLE = ("一节或者列指标项，或者是一个表。", "a section has items or a table, one of the two")
    NOT_TRANSLATED = ("英文还没有翻译：“{text}”。", "the English text is not translated: “{text}”")
    NOT_CHINESE = ("中文名称里没有汉字：“{text}”。", "the Chinese text has no Chinese in it: “{text}”")
    HEADER = ("表头不合统计法第十七条：{problem}。", "the header: {problem}")
    SHOWN_CYCLE = (
        "显示条件互相等待，谁也显示不出来：{chain}。",
        "items wait for each other to be shown: {chain}",
    )
    SHOWN_BY_ITSELF = ("显示条件用到了本项自己。", "an item cannot decide by itself whether it is shown")
    SHOWN_NEVER = ("显示条件永远不成立，这一项谁也看不到。", "nothing satisfies the condition: never shown")
    SHOWN_ALWAYS = ("显示条件怎么填都成立，请去掉。", "the condition always holds: leave it out")
    REQUIRED_WHEN_NEVER = ("必填条件永远不成立。", "nothing satisfies the condition: never required")
    REQUIRED_WHEN_ALWAYS = (
        "必填条件怎么填都成立；请写 required: always。",
        "the condition always holds; say required: always",
    )

    # The rule language: reading
    RULE_TOO_LONG = ("式子超过 {limit} 个字符，请拆开。", "the rule is over {limit} characters; split it")
    RULE_TOO_MANY_PARTS = ("式子超过 {limit} 个成分，请拆开。", "the rule has over {limit} parts; split it")
    RULE_TOO_DEEP = ("式子嵌套超过 {limit} 层，请简化。", "the rule is nested over {limit} deep; simplify it")
    NOT_ASCII = (
        "式子里不能有 {character!r}；请用 key 和半角符号。",
        "{character!r} does not belong in a rule; use keys and ASCII marks",
    )
    NOT_AN_EXPRESSION = ("这不是一个完整的式子。", "this is not an expression; see the rule language")
    CONDITION_EXPECTED = (
        "这里应是比较、and、or、not 或 implies(…, …)。",
        "a comparison, and, or, not or implies(…, …) was expected",
    )
    VALUE_EXPECTED = (
        "这里应是指标项的 key、数字、+ - * / 或函数。",
        "an item key, a number, + - * / or a function was expected",
    )
    BAD_COMPARISON = ("只能用 == != < <= > >= 比较。", "only == != < <= > >= compare")
    BAD_MEMBERSHIP = (
        'in 后面应是选项代码的列表，如 ("1", "2")，或 options。',
        'after in, a list of options such as ("1", "2"), or options, was expected',
    )
    BAD_NUMBER = ("数字写成 12 或 0.5。", "a plain number such as 12 or 0.5 was expected")
    BAD_TEXT = ("文字常数最多 30 个半角字符。", "a text in a rule is 1 to 30 plain characters")
    UNKNOWN_FUNCTION = ("没有函数 {name!r}。", "there is no function {name!r}; known are {known}")
    WRONG_ARGUMENTS = ("{name} 应写成 {usage}。", "{name} is written {usage}")
    LAST_OF_LAST = ("last(…) 里只能是本表的指标项或表的列。", "last(…) takes an item or a column of the form itself")
    NO_SUCH_KEYWORDS = ("没有关键词表 {name!r}。", "there is no keyword list {name!r}")

    # The rule language: names, types, units of measure
    NO_SUCH_ITEM = ("本表没有 {key!r} 这一项。", "the form has no item {key!r}")
    NO_SUCH_FORM = ("没有报表 {form!r}。", "there is no form {form!r}")
    NO_SUCH_TABLE = ("没有表 {table!r}。", "there is no table {table!r}")
    NO_SUCH_COLUMN = ("表 {table} 没有 {key!r} 这一列。", "table {table} has no column {key!r}")
    NO_SUCH_ATTRIBUTE = ("名录没有 {key!r} 这个属性。", "the register has no attribute {key!r}")
    UNITS_DIFFER = ("计量单位不同：{one}、{other}。", "units of measure differ: {one} and {other}")
    TYPES_DIFFER = ("{one}不能同{other}比较。", "{one_en} cannot be compared with {other_en}")
    NUMBER_EXPECTED = ("这里应是数值，不是{found}。", "a number was expected, not {found_en}")
    WRONG_TYPE = ("{name} 这里应是{wanted}，不是{found}。", "{name} takes {wanted_en} here, not {found_en}")
    NO_ORDER = ("选项和文字只能用 == 或 !=，不分大小。", "choices and texts have no order; use == or !=")
    NOT_AN_OPTION = ("{value!r} 不在选项表里。", "{value!r} is not in the option list")
    NOT_A_MONTH = ("{value!r} 不是月份（YYYYMM）。", "{value!r} is not a month (YYYYMM)")
    OPTIONS_OF_TEXT = ("in options 只用于选项项。", "in options is for choices")
    TOO_MANY_DIGITS = (
        "这里的数可能超过 {limit} 位，算不准；请改用除法或拆开。",
        "the figures here may have over {limit} digits; divide instead, or split the rule",
    )
    DIVISION_BY_ZERO = ("除数是 0。", "division by the constant 0")

    # Rules as a whole
    RULE_NAMES_NOTHING = ("审核关系没有用到任何指标项。", "the rule names no item of the form")
    RULE_ALWAYS_FIRES = (
        "这条审核关系没有任何数能满足。",
        "no figures satisfy this rule: it would always fire",
    )
    RULE_NEVER_FIRES = (
        "这条审核关系怎么填都成立，没有用处。",
        "this rule holds whatever is filled in: it never fires",
    )
    RULES_CONTRADICT = (
        "强制性审核关系 {one} 与 {other} 不能同时成立。",
        "fatal rules {one} and {other} cannot both hold",
    )
    RULES_CONTRADICT_TOGETHER = (
        "全部强制性审核关系放在一起不能同时成立，加上 {one} 就矛盾。",
        "the fatal rules cannot all hold; adding {one} makes them contradict",
    )
    RULE_REPEATED = ("审核关系 {one} 与 {other} 是同一个式子。", "rules {one} and {other} are the same expression")
    EXPRESSION_OR_PARTS = (
        "审核关系或者写 expression，或者写 parts。",
        "a rule has an expression or parts, one of the two",
    )

    NO_SUCH_RULE = ("没有审核关系 {rule!r}。", "there is no rule {rule!r}")

    # Versions
    NO_SUCH_VERSION_ITEM = (
        "代码对照里的 {key!r} 不在本表。",
        "the code map names {key!r}, which the form does not have",
    )
    CONTINUES_AND_DROPPED = (
        "{key!r} 已列为停用，本表却还有这一项。",
        "{key!r} is listed as dropped, yet the form has it",
    )
    NOT_IN_CODE_MAP = (
        "{key!r} 既不在上一版式，也没有写进 inserted。",
        "{key!r} is not in the layout before, nor listed as inserted",
    )
    DROPPED_SILENTLY = (
        "上一版式的 {key!r} 不见了，也没有写进 dropped。",
        "{key!r} of the layout before is gone and not listed as dropped",
    )
    MEANING_CHANGED = (
        "{key!r} 的计量单位或类型与上一版式不同；意思变了就要换 key。",
        "{key!r} has another unit or type than in the layout before; a new meaning needs a new key",
    )
