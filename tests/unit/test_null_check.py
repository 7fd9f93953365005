"""
The template `null-check`: per shape first what it refuses, then what it rewrites.

In the sources of these tests a line that begins with `@0` is where the innermost frame of ours stands, `@1` its caller.
"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.core import fixes
from tasks.core.crash import Crash, CrashException, Frame, Thread
from tasks.core.edits import apply
from tasks.core.errors import NotFoundError, RefusalError
from tasks.core.fixes.contract import candidate_frames

TEMPLATE = fixes.template("null-check")
FILE = "src/Foo.cpp"
_MARK = re.compile(rb"^@(\d)", re.MULTILINE)


def marked(text: bytes) -> tuple[bytes, dict[int, int]]:
    """The source without its marks, and the line of each mark."""
    lines = {int(found.group(1)): text.count(b"\n", 0, found.start()) + 1 for found in _MARK.finditer(text)}
    return _MARK.sub(b"", text), lines


def crash_in(*frames: Frame, address: int | None = 0x18) -> Crash:
    exception = CrashException(kind="access_violation", signal="SIGSEGV", address=address)
    return Crash(format="test", exception=exception, threads=(Thread(id="1", is_crashed=True, frames=frames),))


def crash_at(places: dict[int, int], *functions: str, arguments: tuple[str, ...] = ()) -> Crash:
    given_arguments = arguments + ("",) * len(functions)
    return crash_in(
        *(
            Frame(index=index, function=name, file=FILE, line=places[index], arguments=given_arguments[index])
            for index, name in enumerate(functions)
        )
    )


def fix(text: str | bytes, *functions: str, arguments: tuple[str, ...] = ()) -> bytes:
    """The source after the fix of the crash that its marks tell of; raises RefusalError."""
    source, places = marked(text if isinstance(text, bytes) else text.encode())
    proposal = TEMPLATE.propose(crash_at(places, *(functions or ("Foo::Run",)), arguments=arguments), {FILE: source})
    return apply(source, proposal.edits)


def refusal(text: str | bytes, *functions: str, arguments: tuple[str, ...] = ()) -> str:
    with pytest.raises(RefusalError) as caught:
        fix(text, *functions, arguments=arguments)
    return str(caught.value)


def in_function(body: str, head: str = "void Foo::Run(int n)") -> str:
    return f"{head}\n{{\n{body}\n}}\n"


def lines(*texts: str) -> str:
    return "\n".join(texts)


REFUSED = {
    "a pointer that the condition around tests": ("    if (m_p)\n@0        m_p->f();", "already checked"),
    "a pointer that an earlier return tests": (
        lines(
            "    if (!m_p)",
            "        return;",
            "@0    m_p->f();",
        ),
        "already checked",
    ),
    "a pointer compared with nullptr before": (
        lines(
            "    if (m_p == nullptr || n)",
            "    {",
            "        return;",
            "    }",
            "@0    m_p->f();",
        ),
        "already checked",
    ),
    "a pointer whose test aborts": ("    if (!m_p)\n        std::abort();\n@0    m_p->f();", "already checked"),
    "a smart pointer compared behind get": (
        "    if (nullptr != m_p.get())\n@0        m_p->f();",
        "already checked",
    ),
    "a pointer tested left of it": ("@0    if (m_p && m_p->f())\n        g();", "already checked"),
    "a pointer tested left of it for the opposite": ("@0    if (!m_p || m_p->f())\n        g();", "already checked"),
    "a branch of a conditional that tests it": ("@0    x = m_p ? m_p->f() : 0;", "already checked"),
    "the else of a test for null": (
        lines(
            "    if (!m_p)",
            "        g();",
            "    else",
            "@0        m_p->f();",
        ),
        "already checked",
    ),
    "a loop that runs while it is not null": (
        "    for (Node* p = h; p; p = p->next)\n@0        p->f();",
        "already checked",
    ),
    "a variable that a condition declares": ("    if (Bar* p = g())\n@0        p->f();", "already checked"),
    "two pointers of which any could be null": ("@0    m_p->f(q->g());", "`m_p` and `q`"),
    "a chain of which any part could be null": ("@0    m_p->q->f();", "`m_p->q` and `m_p`"),
    "a call in the chain, when no frame says what it returned": ("@0    m_p->q()->f();", "nothing decides"),
    "a variable that was read before": (
        lines(
            "    Bar* p = g();",
            "    n = p->x;",
            "@0    p->y = n;",
        ),
        "before",
    ),
    "an iterator": ("    auto x = m_map.find(n);\n@0    x->f();", "no pointer"),
    "an iterator by its type": ("    Map::const_iterator x = m_map.h();\n@0    (*x).f();", "no pointer"),
    "a star whose operand is not known to be a pointer": ("@0    (*m_p).f();", "declaration is not at hand"),
    "a subscript whose operand is not known to be a pointer": ("@0    m_p[n] = 3;", "declaration is not at hand"),
    "an address that is not read": ("@0    g(&m_p->x);", "no frame shows"),
    "an operand of sizeof": ("@0    n = sizeof(m_p->x);", "no frame shows"),
    "an assertion": ("@0    ASSERT(m_p->f());", "assertion"),
    "a branch of a conditional": ("@0    n ? m_p->f() : g();", "Only a part"),
    "the right side of a logical operator": ("@0    n && m_p->f();", "Only a part"),
    "a step of the loop in the statement": ("@0    m_p->f(n++);", "n++"),
    "the only statement of a loop that looks": ("    while (n < 3)\n@0        m_p->f();", "for ever"),
    "a loop that would not come to its step": (
        lines(
            "    while (n < 3)",
            "    {",
            "@0        int x = m_p->f();",
            "        n += x;",
            "    }",
        ),
        "for ever",
    ),
    "a condition with an else of its own": (
        lines(
            "@0    if (m_p->f())",
            "        g();",
            "    else",
            "        h();",
        ),
        "else",
    ),
    "a negated condition with an ordinary body": ("@0    if (!m_p->f())\n        g();", "true or false"),
    "a condition in a negated whole": ("@0    if (!(m_p->f() && n))\n        g();", "`&&` and `||` alone"),
    "a condition that one test does not cover": ("@0    if (m_p->f() || n || m_p->g())\n        h();", "One test"),
    "the step in the head of a loop": ("@0    for (int i = 0; n; i = m_p->next)\n        g();", "step of the loop"),
    "a head that declares the pointer it uses": (
        "@0    for (Bar* p = g(); p->x < 3; p = p->next)\n        p->h();",
        "does not cover",
    ),
    "an exception": ("@0    throw Error(m_p->x);", "throw statement"),
    "a later unlock that a return would skip": (
        lines(
            "    m_lock.lock();",
            "@0    int x = m_p->f();",
            "    g(x);",
            "    m_lock.unlock();",
        ),
        "m_lock.unlock()",
    ),
    "a later delete that a return would skip": (
        lines(
            "    Bar* b = g();",
            "@0    int x = m_p->f();",
            "    g(x);",
            "    delete b;",
        ),
        "delete b",
    ),
    "a statement that a macro fuses with": ("    FOREACH(a, b)\n@0        m_p->f();", "macro"),
    "leaving the block of a macro": (
        lines(
            "    FOREACH(a, b)",
            "    {",
            "@0        int x = m_p->f();",
            "        g(x);",
            "    }",
        ),
        "macro",
    ),
    "text that does not parse": ("@0    m_p->f(;", "does not understand"),
    "branches of the preprocessor within a statement": (
        lines(
            "@0    m_p->f(n,",
            "#ifdef X",
            "        1,",
            "#endif",
            "        2);",
        ),
        "no pointer",
    ),
    "a raw string that would be indented": ('@0    m_p->f(R"(a\n  b)");', "can't be indented"),
}


@pytest.mark.parametrize(("body", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(body: str, words: str) -> None:
    assert words in refusal(in_function(body))


REWRITTEN = {
    "a call is skipped": ("@0    m_p->f(n);", "    if (m_p)\n        m_p->f(n);"),
    "a call in a longer statement is skipped": ("@0    m_p->f(n).g();", "    if (m_p)\n        m_p->f(n).g();"),
    "a write is skipped": ("@0    m_p->x = n;", "    if (m_p)\n        m_p->x = n;"),
    "an argument of a log line is skipped with it": (
        '@0    LOG("{}", m_p->f());',
        '    if (m_p)\n        LOG("{}", m_p->f());',
    ),
    "a statement of several lines moves as a whole": (
        lines(
            "    m_p->f(n,",
            "@0        m_p->g(),",
            "",
            "        2);",
        ),
        lines(
            "    if (m_p)",
            "        m_p->f(n,",
            "            m_p->g(),",
            "",
            "            2);",
        ),
    ),
    "lines of the preprocessor stay where they are": (
        lines(
            "@0    for (int i : m_p->list())",
            "    {",
            "#ifdef X",
            "        g(i);",
            "#endif",
            "        h(i);",
            "    }",
        ),
        lines(
            "    if (m_p)",
            "        for (int i : m_p->list())",
            "        {",
            "#ifdef X",
            "            g(i);",
            "#endif",
            "            h(i);",
            "        }",
        ),
    ),
    "a raw pointer behind a star": (
        "    int* p = g();\n@0    *p = n;",
        lines(
            "    int* p = g();",
            "    if (p)",
            "        *p = n;",
        ),
    ),
    "a raw array": (
        "    int* p = g();\n@0    h(p[n]);",
        lines(
            "    int* p = g();",
            "    if (p)",
            "        h(p[n]);",
        ),
    ),
    "a smart pointer behind get": ("@0    m_p.get()->f();", "    if (m_p)\n        m_p.get()->f();"),
    "a pointer behind a cast": (
        "@0    static_cast<Bar*>(m_p)->f();",
        "    if (m_p)\n        static_cast<Bar*>(m_p)->f();",
    ),
    "a value of a map": ("@0    itr->second->f();", "    if (itr->second)\n        itr->second->f();"),
    "a member of this": ("@0    this->m_p->f();", "    if (this->m_p)\n        this->m_p->f();"),
    "a pointer reached through one that is tested": (
        "    if (m_p)\n@0        m_p->q->f();",
        "    if (m_p && m_p->q)\n        m_p->q->f();",
    ),
    "a pointer reached through one that was used before": (
        "    m_p->x = n;\n@0    m_p->q->f();",
        lines(
            "    m_p->x = n;",
            "    if (m_p->q)",
            "        m_p->q->f();",
        ),
    ),
    "a pointer that is assigned after its test": (
        lines(
            "    if (!m_p)",
            "        return;",
            "    m_p = g();",
            "@0    m_p->f();",
        ),
        lines(
            "    if (!m_p)",
            "        return;",
            "    m_p = g();",
            "    if (m_p)",
            "        m_p->f();",
        ),
    ),
    "the only statement of an if extends its condition": (
        "    if (n && g())\n@0        m_p->f();",
        "    if (n && g() && m_p)\n        m_p->f();",
    ),
    "a looser condition gets parentheses": (
        "    if (n || g())\n@0        m_p->f();",
        "    if ((n || g()) && m_p)\n        m_p->f();",
    ),
    "an assignment as condition gets parentheses": (
        "    if (n = g())\n@0        m_p->f();",
        "    if ((n = g()) && m_p)\n        m_p->f();",
    ),
    "a constant condition is left alone": (
        "    if constexpr (N)\n@0        m_p->f();",
        lines(
            "    if constexpr (N)",
            "        if (m_p)",
            "            m_p->f();",
        ),
    ),
    "a condition that declares is left alone": (
        "    if (Bar* b = g())\n@0        b->q->f();",
        lines(
            "    if (Bar* b = g())",
            "        if (b->q)",
            "            b->q->f();",
        ),
    ),
    "an else keeps its if": (
        lines(
            "    if (n)",
            "@0        m_p->f();",
            "    else",
            "        g();",
        ),
        lines(
            "    if (n)",
            "    {",
            "        if (m_p)",
            "            m_p->f();",
            "    }",
            "    else",
            "        g();",
        ),
    ),
    "the else of an if farther out keeps its if": (
        lines(
            "    if (n)",
            "        for (int i : a)",
            "@0            m_p->f(i);",
            "    else",
            "        g();",
        ),
        lines(
            "    if (n)",
            "        for (int i : a)",
            "        {",
            "            if (m_p)",
            "                m_p->f(i);",
            "        }",
            "    else",
            "        g();",
        ),
    ),
    "the else branch becomes an else if": (
        lines(
            "    if (n)",
            "        g();",
            "    else",
            "@0        m_p->f();",
        ),
        lines(
            "    if (n)",
            "        g();",
            "    else if (m_p)",
            "        m_p->f();",
        ),
    ),
    "the only statement of a loop": (
        "    for (auto* p : a)\n@0        p->f();",
        lines(
            "    for (auto* p : a)",
            "        if (p)",
            "            p->f();",
        ),
    ),
    "statements in a row share one test": (
        lines(
            "@0    m_p->f();",
            "    m_p->g();",
            "    h();",
        ),
        lines(
            "    if (m_p)",
            "    {",
            "        m_p->f();",
            "        m_p->g();",
            "    }",
            "    h();",
        ),
    ),
    "statements apart get a test each": (
        lines(
            "@0    m_p->f();",
            "    h();",
            "    m_p->g();",
            "    k();",
        ),
        lines(
            "    if (m_p)",
            "        m_p->f();",
            "    h();",
            "    if (m_p)",
            "        m_p->g();",
            "    k();",
        ),
    ),
    "a pointer that is needed to the end is tested once": (
        lines(
            "@0    m_p->f();",
            "    h();",
            "    int x = m_p->g();",
            "    m_p->k(x);",
        ),
        lines(
            "    if (!m_p)",
            "        return;",
            "",
            "    m_p->f();",
            "    h();",
            "    int x = m_p->g();",
            "    m_p->k(x);",
        ),
    ),
    "a member that keeps its value": (
        "@0    m_x = m_p->f();\n    g();",
        lines(
            "    if (m_p)",
            "        m_x = m_p->f();",
            "    g();",
        ),
    ),
    "a variable that keeps its first value": (
        lines(
            "    int x = 0;",
            "@0    x = m_p->f();",
            "    g(x);",
        ),
        lines(
            "    int x = 0;",
            "    if (m_p)",
            "        x = m_p->f();",
            "    g(x);",
        ),
    ),
    "a condition": ("@0    if (m_p->f())\n        g();", "    if (m_p && m_p->f())\n        g();"),
    "an operand of a conjunction": (
        "@0    if (n && m_p->f() && m_p->g())\n        h();",
        "    if (n && m_p && m_p->f() && m_p->g())\n        h();",
    ),
    "an operand of a disjunction": (
        "@0    if (n || m_p->f())\n        h();",
        "    if (n || (m_p && m_p->f()))\n        h();",
    ),
    "all operands of a disjunction": (
        "@0    if (m_p->f() || m_p->g())\n        h();",
        "    if (m_p && (m_p->f() || m_p->g()))\n        h();",
    ),
    "a condition of an else if": (
        lines(
            "    if (n)",
            "        g();",
            "@0    else if (m_p->f())",
            "        h();",
        ),
        lines(
            "    if (n)",
            "        g();",
            "    else if (m_p && m_p->f())",
            "        h();",
        ),
    ),
    "a negated condition that leaves": (
        lines(
            "@0    if (!m_p->f())",
            "        return;",
            "    g();",
        ),
        lines(
            "    if (!m_p || !m_p->f())",
            "        return;",
            "    g();",
        ),
    ),
    "a negated condition whose body needs the pointer": (
        "@0    if (!m_p->f())\n        m_p->g();",
        "    if (m_p && !m_p->f())\n        m_p->g();",
    ),
    "a condition that leaves before the pointer is needed": (
        lines(
            "@0    if (m_p->f())",
            "        return;",
            "    m_p->g();",
        ),
        lines(
            "    if (!m_p || m_p->f())",
            "        return;",
            "    m_p->g();",
        ),
    ),
    "a condition both of whose branches need the pointer": (
        lines(
            "@0    if (m_p->f())",
            "        g();",
            "    else",
            "        m_p->h();",
            "    k();",
        ),
        lines(
            "    if (m_p)",
            "    {",
            "        if (m_p->f())",
            "            g();",
            "        else",
            "            m_p->h();",
            "    }",
            "    k();",
        ),
    ),
    "a condition that declares is skipped with its body": (
        lines(
            "@0    if (Bar* b = m_p->f())",
            "        b->g();",
            "    h();",
        ),
        lines(
            "    if (m_p)",
            "        if (Bar* b = m_p->f())",
            "            b->g();",
            "    h();",
        ),
    ),
    "a while": ("@0    while (m_p->f())\n        g();", "    while (m_p && m_p->f())\n        g();"),
    "the bound of a for": (
        "@0    for (int i = 0; i < m_p->x; ++i)\n        g(i);",
        "    for (int i = 0; m_p && i < m_p->x; ++i)\n        g(i);",
    ),
    "the range of a for": (
        lines(
            "@0    for (int i : m_p->list())",
            "    {",
            "        g(i);",
            "    }",
            "    h();",
        ),
        lines(
            "    if (m_p)",
            "        for (int i : m_p->list())",
            "        {",
            "            g(i);",
            "        }",
            "    h();",
        ),
    ),
    "a switch": (
        lines(
            "@0    switch (m_p->kind)",
            "    {",
            "        case 1:",
            "            g();",
            "            break;",
            "    }",
            "    h();",
        ),
        lines(
            "    if (m_p)",
            "        switch (m_p->kind)",
            "        {",
            "            case 1:",
            "                g();",
            "                break;",
            "        }",
            "    h();",
        ),
    ),
    "a value that is needed": (
        "@0    int x = m_p->f();\n    g(x);",
        lines(
            "    if (!m_p)",
            "        return;",
            "",
            "    int x = m_p->f();",
            "    g(x);",
        ),
    ),
    "a value in a loop over a range": (
        lines(
            "    for (auto* p : a)",
            "    {",
            "@0        int x = p->f();",
            "        g(x);",
            "    }",
            "    h();",
        ),
        lines(
            "    for (auto* p : a)",
            "    {",
            "        if (!p)",
            "            continue;",
            "",
            "        int x = p->f();",
            "        g(x);",
            "    }",
            "    h();",
        ),
    ),
    "a value in a loop that takes from a queue": (
        lines(
            "    while (!a.empty())",
            "    {",
            "        auto* p = a.front();",
            "        a.pop();",
            "@0        int x = p->f();",
            "        g(x);",
            "    }",
        ),
        lines(
            "    while (!a.empty())",
            "    {",
            "        auto* p = a.front();",
            "        a.pop();",
            "        if (!p)",
            "            continue;",
            "",
            "        int x = p->f();",
            "        g(x);",
            "    }",
        ),
    ),
    "a value in a case": (
        lines(
            "    switch (n)",
            "    {",
            "        case 1:",
            "        {",
            "@0            int x = m_p->f();",
            "            g(x);",
            "            break;",
            "        }",
            "    }",
            "    h();",
        ),
        lines(
            "    switch (n)",
            "    {",
            "        case 1:",
            "        {",
            "            if (!m_p)",
            "                break;",
            "",
            "            int x = m_p->f();",
            "            g(x);",
            "            break;",
            "        }",
            "    }",
            "    h();",
        ),
    ),
    "a value in a block that other work follows": (
        lines(
            "    if (n)",
            "    {",
            "@0        int x = m_p->f();",
            "        g(x);",
            "    }",
            "    h();",
        ),
        lines(
            "    if (n)",
            "    {",
            "        if (m_p)",
            "        {",
            "            int x = m_p->f();",
            "            g(x);",
            "        }",
            "    }",
            "    h();",
        ),
    ),
    "a statement of a lambda": (
        lines(
            "    auto k = [this](int i)",
            "    {",
            "@0        m_p->f(i);",
            "    };",
        ),
        lines(
            "    auto k = [this](int i)",
            "    {",
            "        if (m_p)",
            "            m_p->f(i);",
            "    };",
        ),
    ),
    "a value in a lambda that says its type": (
        lines(
            "    auto k = [this](int i) -> bool",
            "    {",
            "@0        return m_p->f(i);",
            "    };",
        ),
        lines(
            "    auto k = [this](int i) -> bool",
            "    {",
            "        if (!m_p)",
            "            return false;",
            "",
            "        return m_p->f(i);",
            "    };",
        ),
    ),
    "a branch of the preprocessor": (
        lines(
            "#ifdef X",
            "@0    m_p->f();",
            "#else",
            "    g();",
            "#endif",
        ),
        lines(
            "#ifdef X",
            "    if (m_p)",
            "        m_p->f();",
            "#else",
            "    g();",
            "#endif",
        ),
    ),
    "a statement among others on its line": ("@0    g(); m_p->f(); h();", "    g(); if (m_p) { m_p->f(); } h();"),
    "the body of an if on its line": ("@0    if (n) m_p->f();", "    if (n && m_p) m_p->f();"),
    "the body of an if with an else on its line": (
        "@0    if (n) m_p->f(); else g();",
        "    if (n) { if (m_p) m_p->f(); } else g();",
    ),
}


def running(body: str) -> str:
    """The function that a debugger names for the marked line of a body."""
    return "Foo::Run(int)::{lambda(int)#1}::operator()(int) const" if "auto k = [" in body else "Foo::Run"


@pytest.mark.parametrize(("body", "expected"), REWRITTEN.values(), ids=REWRITTEN.keys())
def test_rewrites(body: str, expected: str) -> None:
    assert in_function(expected) == fix(in_function(body), running(body)).decode()


EXITS = {
    "bool": ("bool Foo::Run() const", "return false;"),
    "int": ("int Foo::Run()", "return 0;"),
    "fixed width": ("uint32 Foo::Run()", "return 0;"),
    "standard fixed width": ("std::uint32_t Foo::Run()", "return 0;"),
    "two words": ("unsigned int Foo::Run()", "return 0;"),
    "float": ("static float Run()", "return 0;"),
    "pointer": ("Bar const* Foo::Run()", "return nullptr;"),
    "smart pointer": ("std::shared_ptr<Bar> Foo::Run()", "return nullptr;"),
    "string": ("std::string Foo::Run()", "return {};"),
    "container": ("std::vector<Bar> Foo::Run()", "return {};"),
    "trailing type": ("auto Foo::Run() const -> bool", "return false;"),
    "trailing pointer": ("auto Foo::Run() -> Bar*", "return nullptr;"),
    "after an export macro": ("TC_GAME_API bool Foo::Run()", "return false;"),
    "of a template": ("template <class T>\nint Foo<T>::Run()", "return 0;"),
}


@pytest.mark.parametrize(("head", "leave"), EXITS.values(), ids=EXITS.keys())
def test_leaves_with_the_value_that_stands_for_nothing(head: str, leave: str) -> None:
    expected = in_function(f"    if (!m_p)\n        {leave}\n\n    return m_p->f();", head)
    assert expected == fix(in_function("@0    return m_p->f();", head)).decode()


def test_leaves_a_constructor_like_a_function_without_value() -> None:
    body = in_function("@0    int x = m_p->f();\n    g(x);", "Foo::Foo() : m_x(3)")
    assert b"    if (!m_p)\n        return;\n\n    int x" in fix(body, "Foo::Foo")


NO_EXIT = {
    "a reference": ("Bar const& Foo::Run()", "reference"),
    "a type of the program": ("SpellResult Foo::Run()", "SpellResult"),
    "a deduced type": ("auto Foo::Run()", "auto"),
    "a destructor": ("Foo::~Foo()", "destructor"),
}


@pytest.mark.parametrize(("head", "words"), NO_EXIT.values(), ids=NO_EXIT.keys())
def test_refuses_to_leave_a_function_that_returns(head: str, words: str) -> None:
    name = "Foo::~Foo" if "~" in head else "Foo::Run"
    assert words in refusal(in_function("@0    auto x = m_p->f();\n    g(x);", head), name)


def test_refuses_to_leave_a_lambda_that_hides_its_type() -> None:
    body = "    auto k = [this]\n    {\n@0        return m_p->f();\n    };"
    assert "what type it returns" in refusal(in_function(body), running(body))


def test_takes_a_line_in_a_lambda_for_the_lambda_where_the_frame_names_the_function_around_it() -> None:
    body = in_function("    m_q->Call([this]\n    {\n@0        m_p->f();\n    });")
    assert b"        if (m_p)\n            m_p->f();\n    });" in fix(body)


def test_refuses_to_leave_a_coroutine() -> None:
    assert "coroutine" in refusal(in_function("@0    auto x = m_p->f();\n    co_await g(x);"))


CALLEE = "void Bar::Close(int n)\n{\n@0    if (_closed.exchange(true))\n        return;\n}\n\n"
CALLED = {
    "a member": ("@1    m_p->Close(n);", "    if (m_p)\n        m_p->Close(n);"),
    "the line after the call": ("    m_p->Close(n);\n@1    g();", "    if (m_p)\n        m_p->Close(n);\n    g();"),
    "one of several pointers on the line": (
        "@1    q->g(m_p->Close(n));",
        "    if (m_p)\n        q->g(m_p->Close(n));",
    ),
    "a method of a base class": ("@1    m_p->Base::Close(n);", "    if (m_p)\n        m_p->Base::Close(n);"),
    "an object within another": ("@1    m_p->bar.Close(n);", "    if (m_p)\n        m_p->bar.Close(n);"),
    "a call that returns the pointer": (
        "@1    m_p->GetBar()->Close(n);",
        "    if (auto&& bar = m_p->GetBar())\n        bar->Close(n);",
    ),
    "a call that returns the pointer, below an if": (
        "    if (n)\n@1        GetBar()->Close(n);",
        "    if (n)\n        if (auto&& bar = GetBar())\n            bar->Close(n);",
    ),
    "a call whose name is taken": (
        "    int bar = n;\n@1    GetBar()->Close(bar);",
        "    int bar = n;\n    if (auto&& barPtr = GetBar())\n        barPtr->Close(bar);",
    ),
    "a cast that gives null": (
        "@1    dynamic_cast<Bar*>(m_p)->Close(n);",
        "    if (auto* bar = dynamic_cast<Bar*>(m_p))\n        bar->Close(n);",
    ),
}


@pytest.mark.parametrize(("body", "expected"), CALLED.values(), ids=CALLED.keys())
def test_finds_the_pointer_in_the_caller_when_the_object_itself_was_null(body: str, expected: str) -> None:
    fixed = fix(CALLEE + in_function(body), "Bar::Close", "Foo::Run").decode()
    assert CALLEE.replace("@0", "") + in_function(expected) == fixed


def test_a_raw_pointer_is_spelled_as_one_where_its_function_is_declared() -> None:
    declared = "Bar* Foo::GetBar() const { return m_p; }\n"
    fixed = fix(declared + CALLEE + in_function("@1    GetBar()->Close(n);"), "Bar::Close", "Foo::Run")
    assert b"    if (auto* bar = GetBar())\n        bar->Close(n);" in fixed


NOT_CALLED = {
    "another function": ("@1    m_p->Open(n);", "does not show"),
    "two pointers": ("@1    m_p->Close(q->Close(n));", "`m_p` and `q`"),
    "its own object, with no caller": ("@1    Close(n);", "no frame shows who called"),
    "a pointer that is tested": ("    if (m_p)\n@1        m_p->Close(n);", "already checked"),
    "a call in a value": ("@1    int x = GetBar()->Close(n);\n    g(x);", "has no name"),
    "a call after another": ("@1    g(h(), GetBar()->Close(n));", "earlier than now"),
}


@pytest.mark.parametrize(("body", "words"), NOT_CALLED.values(), ids=NOT_CALLED.keys())
def test_refuses_a_caller_that_calls(body: str, words: str) -> None:
    assert words in refusal(CALLEE + in_function(body), "Bar::Close", "Foo::Run")


def test_a_null_object_is_followed_through_methods_that_call_on_it() -> None:
    middle = "void Bar::CloseAll(int n)\n{\n@1    Close(n);\n}\n\n"
    source = CALLEE + middle + in_function("@2    m_p->CloseAll(n);")
    assert b"if (m_p)\n        m_p->CloseAll(n);" in fix(source, "Bar::Close", "Bar::CloseAll", "Foo::Run")


def test_a_null_reference_is_not_taken_for_a_null_object() -> None:
    callee = "void Bar::Copy(Baz& baz)\n{\n@0    m_x = baz.x;\n}\n\n"
    assert "reference `baz`" in refusal(callee + in_function("@1    m_p->Copy(*q);"), "Bar::Copy", "Foo::Run")


def test_the_arguments_of_a_debugger_decide() -> None:
    source = "void Foo::Run(Bar* p, Baz* q)\n{\n@0    p->f(q->x);\n}\n"
    arguments = ("this=0x7ffe10, p=p@entry=0x55d0c0, q=0x0",)
    assert b"    if (q)\n        p->f(q->x);" in fix(source, arguments=arguments)
    assert "nothing decides" in refusal(source)


def test_a_parameter_that_a_debugger_shows_as_valid_is_left_alone() -> None:
    source = "void Foo::Run(Bar* p)\n{\n@0    p->f();\n}\n"
    assert "not null, says the debugger" in refusal(source, arguments=("this=0x7ffe10, p=0x55d0c0",))


def test_a_null_this_sends_the_search_to_the_caller_whatever_the_line_shows() -> None:
    source = "void Bar::Close()\n{\n@0    m_q->f();\n}\n\n" + in_function("@1    m_p->Close();")
    fixed = fix(source, "Bar::Close", "Foo::Run", arguments=("this=0x0", "this=0x7ffe10"))
    assert b"    if (m_p)\n        m_p->Close();" in fixed


LIBRARY = {
    "std::vector<int>::size": ("@0    g(m_p->list.size());", "    if (m_p)\n        g(m_p->list.size());"),
    "std::vector<int, std::allocator<int> >::push_back(int const&)": (
        "@0    m_p->list.push_back(q->x);",
        "    if (m_p)\n        m_p->list.push_back(q->x);",
    ),
    "std::vector<int>::operator[]": ("@0    g(m_p->list[n]);", "    if (m_p)\n        g(m_p->list[n]);"),
    "std::__cxx11::basic_string<char>::basic_string": (
        "@0    g(m_p->GetName());",
        "    if (m_p)\n        g(m_p->GetName());",
    ),
}


@pytest.mark.parametrize(("function", "texts"), LIBRARY.items(), ids=LIBRARY.keys())
def test_a_crash_inside_the_standard_library_is_followed_to_the_object_it_ran_on(
    function: str, texts: tuple[str, str]
) -> None:
    source, places = marked(in_function(texts[0]).encode())
    crash = crash_in(
        Frame(index=0, function=function, file="/usr/include/c++/12/bits/stl_vector.h", line=919),
        Frame(index=1, function="Foo::Run", file=FILE, line=places[0]),
    )
    proposal = TEMPLATE.propose(crash, {FILE: source})
    assert in_function(texts[1]).encode() == apply(source, proposal.edits)


@pytest.mark.parametrize("function", ["__memmove_avx_unaligned_erms", "std::find<int*>", None])
def test_refuses_a_crash_in_a_function_whose_null_argument_is_not_visible(function: str | None) -> None:
    source, places = marked(in_function("@0    copy(n, m_p->x);").encode())
    inner = Frame(index=0, function=function, file="../sysdeps/x86_64/multiarch/memmove.S", line=100)
    crash = crash_in(inner, Frame(index=1, function="Foo::Run", file=FILE, line=places[0]))
    with pytest.raises(RefusalError):
        TEMPLATE.propose(crash, {FILE: source})


@pytest.mark.parametrize(
    "exception",
    [
        CrashException(kind="access_violation", address=0x7F1234567890),
        CrashException(kind="access_violation"),
        CrashException(kind="abort", signal="SIGABRT"),
        CrashException(kind="assertion", address=0),
        CrashException(kind="access_violation", address=0, access="execute"),
    ],
    ids=["another address", "no address", "an abort", "an assertion", "a jump to null"],
)
def test_refuses_what_is_no_access_through_a_null_pointer(exception: CrashException) -> None:
    source, places = marked(in_function("@0    m_p->f();").encode())
    frames = (Frame(index=0, function="Foo::Run", file=FILE, line=places[0]),)
    crash = Crash(format="test", exception=exception, threads=(Thread(id="1", is_crashed=True, frames=frames),))
    with pytest.raises(RefusalError, match="null"):
        TEMPLATE.propose(crash, {FILE: source})


def test_without_an_address_a_null_argument_shows_the_null_pointer() -> None:
    """gdb prints the address of an access only when asked, but the arguments always."""
    source, places = marked((CALLEE + in_function("@1    m_p->Close(n);")).encode())
    frames = crash_at(places, "Bar::Close", "Foo::Run", arguments=("this=0x0, n=3", "this=0x7ffe10")).frames
    proposal = TEMPLATE.propose(crash_in(*frames, address=None), {FILE: source})
    assert b"    if (m_p)\n        m_p->Close(n);" in apply(source, proposal.edits)


def test_refuses_without_a_frame_of_our_own() -> None:
    with pytest.raises(RefusalError, match="add symbols"):
        TEMPLATE.propose(crash_in(Frame(index=0, function="Foo::Run", module="server")), {})


def test_refuses_without_the_source() -> None:
    with pytest.raises(RefusalError, match="not at hand"):
        TEMPLATE.propose(crash_in(Frame(index=0, function="Foo::Run", file=FILE, line=3)), {})


def test_refuses_the_source_of_another_build() -> None:
    """The line of the frame lies in another function, or behind the end of the file."""
    source = in_function("    m_p->f();").encode()
    for function, line in (("Foo::Walk", 3), ("Foo::Run", 300)):
        with pytest.raises(RefusalError, match="the build that crashed"):
            TEMPLATE.propose(crash_in(Frame(index=0, function=function, file=FILE, line=line)), {FILE: source})


def test_frames_of_the_handler_and_of_the_system_are_not_looked_at() -> None:
    own = [Frame(index=index, function="Foo::Run", file=FILE, line=index) for index in range(3, 20)]
    crash = crash_in(
        Frame(index=0, function="CrashHandler", file="src/Crash.cpp", line=3),
        Frame(index=1, function="<signal handler called>"),
        Frame(index=2, function="std::atomic<bool>::load", file="/usr/include/c++/12/atomic", line=80),
        *own,
        Frame(index=99, function="main", file=r"C:\Program Files\Microsoft Visual Studio\crt.cpp", line=1),
    )
    assert tuple(own[:8]) == candidate_frames(crash)


def test_wants_the_headers_beside_the_sources_too() -> None:
    crash = crash_in(Frame(index=0, file="a/Foo.cpp", line=1), Frame(index=1, file="a/Bar.h", line=1))
    assert ("a/Foo.cpp", "a/Bar.h", "a/Foo.h", "a/Foo.hpp") == TEMPLATE.wanted_files(crash)


def test_a_header_beside_the_source_tells_what_a_member_is() -> None:
    source, places = marked(in_function("@0    (*m_p).f();").encode())
    header = b"class TC_GAME_API Foo : public Baz\n{\n    Bar* m_p;\n};\n"
    proposal = TEMPLATE.propose(crash_at(places, "Foo::Run"), {FILE: source, "src/Foo.h": header})
    assert in_function("    if (m_p)\n        (*m_p).f();").encode() == apply(source, proposal.edits)


LAYOUTS = {
    "tabs": (
        b"void F()\n{\n\tif (n)\n\t\tg();\n@0\tp->f();\n}\n",
        b"void F()\n{\n\tif (n)\n\t\tg();\n\tif (p)\n\t\tp->f();\n}\n",
    ),
    "two spaces": (b"void F()\n{\n@0  p->f();\n}\n", b"void F()\n{\n  if (p)\n    p->f();\n}\n"),
    "carriage returns": (
        b"void F()\r\n{\r\n@0    p->f();\r\n}\r\n",
        b"void F()\r\n{\r\n    if (p)\r\n        p->f();\r\n}\r\n",
    ),
    "carriage returns before a value": (
        b"int F()\r\n{\r\n@0    return p->f();\r\n}\r\n",
        b"int F()\r\n{\r\n    if (!p)\r\n        return 0;\r\n\r\n    return p->f();\r\n}\r\n",
    ),
    "braces around single statements": (
        b"void F() {\n    if (n) {\n        g();\n    }\n@0    p->f();\n}\n",
        b"void F() {\n    if (n) {\n        g();\n    }\n    if (p) {\n        p->f();\n    }\n}\n",
    ),
    "braces on their own lines": (
        b"void F()\n{\n    if (n)\n    {\n        g();\n    }\n@0    p->f();\n}\n",
        b"void F()\n{\n    if (n)\n    {\n        g();\n    }\n    if (p)\n    {\n        p->f();\n    }\n}\n",
    ),
    "latin1": (
        b'void F()\n{\n@0    p->f("\xe4"); // \xf6\n}\n',
        b'void F()\n{\n    if (p)\n        p->f("\xe4"); // \xf6\n}\n',
    ),
    "no final newline": (b"void F()\n{\n@0    p->f();\n}", b"void F()\n{\n    if (p)\n        p->f();\n}"),
}


@pytest.mark.parametrize(("text", "expected"), LAYOUTS.values(), ids=LAYOUTS.keys())
def test_keeps_the_layout_of_the_file(text: bytes, expected: bytes) -> None:
    assert expected == fix(text, "F")


@pytest.mark.parametrize(
    ("callee", "tested"), [("Player::GetSession", b"if (p)"), ("Session::SendPacket", None), ("GetSession", None)]
)
def test_a_getter_without_a_source_line_tells_whose_object_was_null(callee: str, tested: bytes | None) -> None:
    source, places = marked(in_function("@0    p->GetSession()->SendPacket(m_packet);").encode())
    inner = Frame(index=0, function=callee)
    outer = Frame(index=1, function="Foo::Run", file=FILE, line=places[0])
    if tested is None:
        with pytest.raises(RefusalError):
            TEMPLATE.propose(crash_in(inner, outer), {FILE: source})
    else:
        assert tested in apply(source, TEMPLATE.propose(crash_in(inner, outer), {FILE: source}).edits)


def test_an_export_macro_does_not_hide_a_class() -> None:
    source = (
        b"class TC_GAME_API Foo : public Bar\n{\n    Q_OBJECT\npublic:\n    TC_GAME_API bool Run() const\n    {\n"
        b"@0        return m_p->f();\n    }\n};\n"
    )
    assert b"        if (!m_p)\n            return false;\n\n        return m_p->f();\n" in fix(source)


def test_the_explanation_says_what_changes_and_why_in_two_sentences() -> None:
    source, places = marked(in_function("    ASSERT(m_p);\n@0    m_p->f();").encode())
    assert (
        "Skips `m_p->f();` in line 4 while `m_p` is null. It was null when the crash went through it at Foo.cpp:4, "
        "although the assertion in line 3 expects otherwise."
    ) == TEMPLATE.propose(crash_at(places, "Foo::Run"), {FILE: source}).explanation


def test_an_unknown_template_is_named_with_those_that_exist() -> None:
    with pytest.raises(NotFoundError, match="null-check"):
        fixes.template("no-such")


SESSION_CPP = b"""#include "Session.h"

bool Session::Update(uint32 diff)
{
    m_idleTime += diff;

    /// A client that sends nothing for too long is disconnected; m\xfc\xdfig
    if (IsConnectionIdle() && !HasPermission(PERMISSION_STAY))
        m_Socket->CloseSocket();

    if (m_Socket && m_Socket->IsOpen())
        m_Socket->Flush();

    return !m_forceExit;
}
"""
SOCKET_H = b"""template<class T>
class Socket : public std::enable_shared_from_this<T>
{
public:
    void CloseSocket()
    {
        if (_closed.exchange(true))
            return;

        OnClose();
    }

private:
    std::atomic<bool> _closed;
};
"""
WORLD_CPP = b"""void World::UpdateSessions(uint32 diff)
{
    for (Session* session : m_sessions)
        session->Update(diff);
}
"""


def session_crash(names: dict[str, str]) -> tuple[Crash, dict[str, bytes]]:
    """A session without a socket that counts as idle, as gdb shows it, with some identifiers renamed."""
    spelled = {old.encode(): new.encode() for old, new in names.items()}
    pattern = re.compile(rb"\b(" + b"|".join(spelled or [b"$^"]) + rb")\b")
    files = {"Session.cpp": SESSION_CPP, "Socket.h": SOCKET_H, "World.cpp": WORLD_CPP}
    sources = {name: pattern.sub(lambda found: spelled[found.group()], text) for name, text in files.items()}
    close, update = names.get("CloseSocket", "CloseSocket"), names.get("Update", "Update")
    frames = (
        Frame(
            index=0,
            function="std::__atomic_base<bool>::exchange",
            file="/usr/include/c++/12/bits/atomic_base.h",
            line=498,
            is_inlined=True,
        ),
        Frame(index=1, function=f"Socket<WorldSocket>::{close}", file="Socket.h", line=7),
        Frame(index=2, function=f"Session::{update}", file="Session.cpp", line=9),
        Frame(index=3, function="World::UpdateSessions", file="World.cpp", line=4),
        Frame(index=4, function="main"),
    )
    return crash_in(*frames), sources


IDENTIFIERS = st.from_regex(r"\A[a-z_][A-Za-z0-9_]{3,12}\Z").filter(
    lambda name: name.encode() not in SESSION_CPP + SOCKET_H + WORLD_CPP and not name.endswith(("_t", "r"))
)


@given(names=st.fixed_dictionaries({}, optional=dict.fromkeys(("m_Socket", "CloseSocket", "Update"), IDENTIFIERS)))
def test_the_null_socket_is_fixed_as_a_maintainer_would_whatever_it_is_called(names: dict[str, str]) -> None:
    if len(set(names.values())) < len(names):
        return
    crash, sources = session_crash(names)
    proposal = TEMPLATE.propose(crash, sources)
    assert {"Session.cpp"} == {edit.path for edit in proposal.edits}
    before, test = b"PERMISSION_STAY)", b" && " + names.get("m_Socket", "m_Socket").encode()
    expected = sources["Session.cpp"].replace(before, before + test)
    assert expected == apply(sources["Session.cpp"], proposal.edits)
    with pytest.raises(RefusalError, match="already checked"):
        TEMPLATE.propose(crash, sources | {"Session.cpp": expected})


@pytest.mark.parametrize("body", [body for body, _ in REWRITTEN.values()], ids=REWRITTEN.keys())
def test_applied_twice_equals_once(body: str) -> None:
    """The same crash on the fixed source is refused: its line may now show the test instead of the statement."""
    source, places = marked(in_function(body).encode())
    crash = crash_at(places, running(body))
    fixed = apply(source, TEMPLATE.propose(crash, {FILE: source}).edits)
    with pytest.raises(RefusalError):
        TEMPLATE.propose(crash, {FILE: fixed})


@pytest.mark.parametrize("body", [body for body, _ in CALLED.values()], ids=CALLED.keys())
def test_a_fixed_caller_is_not_fixed_again(body: str) -> None:
    source, places = marked((CALLEE + in_function(body)).encode())
    crash = crash_at(places, "Bar::Close", "Foo::Run")
    fixed = apply(source, TEMPLATE.propose(crash, {FILE: source}).edits)
    with pytest.raises(RefusalError):
        TEMPLATE.propose(crash, {FILE: fixed})


def edited_outside(source: bytes, crash: Crash) -> bool:
    """Whether applying what the template proposes changes a byte outside its edits."""
    try:
        edits = TEMPLATE.propose(crash, {FILE: source}).edits
    except RefusalError:
        return False
    fixed = apply(source, edits)
    for edit in sorted(edits, key=lambda each: -(each.offset or 0)):
        start = edit.offset or 0
        grown = sum(len(each.new) - len(each.old) for each in edits if (each.offset or 0) < start)
        fixed = fixed[: start + grown] + edit.old + fixed[start + grown + len(edit.new) :]
    return fixed != source


@given(source=st.binary(max_size=400), line=st.integers(1, 12), function=st.sampled_from([None, "F", "Foo::Run"]))
def test_any_bytes_are_refused_or_edited_only_inside_the_edits(source: bytes, line: int, function: str | None) -> None:
    assert not edited_outside(source, crash_in(Frame(index=0, function=function, file=FILE, line=line)))


PIECES = [
    *(
        "{",
        "}",
        "(",
        ")",
        ";",
        "->",
        "&&",
        "||",
        "!",
        "if (m_p)",
        "else",
        "for (;;)",
        "while (m_p->x)",
        "return",
        "\r\n",
        "\t",
    ),
    *(
        "FOREACH(a, b)",
        "#ifdef X\n",
        "#endif\n",
        '"',
        "/*",
        "//",
        'R"(',
        "\0",
        "ä",
        "case 1:",
        "[&] {",
        "auto x = ",
        "*m_p",
        "?",
        ":",
    ),
]


@given(
    body=st.sampled_from([body for body, _ in [*REWRITTEN.values(), *REFUSED.values()]]),
    cuts=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 6), st.sampled_from(PIECES)), max_size=3),
)
def test_damaged_source_is_refused_or_edited_only_inside_the_edits(
    body: str, cuts: list[tuple[float, int, str]]
) -> None:
    source, places = marked(in_function(body).encode())
    for place, length, piece in cuts:
        start = int(place * len(source))
        source = source[:start] + piece.encode() + source[start + length :]
    assert not edited_outside(source, crash_at(places, running(body)))
