"""Parse an expression. Operators bind as in Python: `**`, signs, `* / // %`, `+ -`, comparisons, `not`, `and`, `or`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from invocations.arithmetic import LARGEST
from invocations.errors import ExpressionError
from invocations.language.source import Span

from .operations import IN
from .scan import Lexeme, scan
from .terms import MAX_DEPTH, Term, arithmetic, call, comparison, constant, joined, listing, negated, signed, variable

OR, AND, NOT, COMPARISON, SUM, PRODUCT, SIGN, POWER = range(1, 9)  # how tightly operators bind
BINDS: Final = {
    "or": OR, "and": AND, "in": COMPARISON, "not in": COMPARISON,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">="), COMPARISON),
    **dict.fromkeys("+-", SUM), **dict.fromkeys(("*", "/", "//", "%"), PRODUCT), "**": POWER,
}  # fmt: skip
CONSTANTS: Final = {
    "yes": True, "no": False, "true": True, "false": False, "none": None, "True": True, "False": False, "None": None,
}  # fmt: skip
MAX_DIGITS: Final = 400


class ExpressionParser:
    """Turns the lexemes of one expression into a term; `names` are the names in it, each with its first place."""

    def __init__(self, text: str) -> None:
        self.lexemes = scan(text)
        self.place = 0
        self.depth = 0
        self.names: dict[str, Span] = {}

    def whole(self) -> Term:
        """Return the term for the whole expression. Raises: ExpressionError."""
        if self.is_done():
            raise ExpressionError("the expression is empty", self.next.span)
        term = self.term(OR)
        if self.is_done():
            return term
        raise self.unexpected()

    @property
    def next(self) -> Lexeme:
        return self.lexemes[self.place]

    def is_done(self) -> bool:
        return self.next.kind == "end"

    def take(self) -> Lexeme:
        self.place += 1
        return self.lexemes[self.place - 1]

    def is_next(self, text: str) -> bool:
        return self.next.kind == "operator" and self.next.text == text

    def term(self, binding: int) -> Term:
        """Return the longest term at this place whose operators bind at least as tightly as `binding`."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels", self.next.span)
        term = self.extended(self.operand(binding), binding)
        self.depth -= 1
        return term

    def extended(self, left: Term, binding: int) -> Term:
        """Return a term, extended by the operators after it that bind at least as tightly as `binding`."""
        while self.binding_of_next() >= binding:
            left = self.longer(left)
        return left

    def binding_of_next(self) -> int:
        """Return how tightly the next operator binds, or 0 if none follows."""
        if self.next.kind != "operator":
            return 0
        is_not_in = self.next.text == "not" and self.lexemes[self.place + 1].text == "in"
        return COMPARISON if is_not_in else BINDS.get(self.next.text, 0)

    def longer(self, left: Term) -> Term:
        """Return the term that the next operator forms with the terms before and after it."""
        binds = self.binding_of_next()
        if binds == COMPARISON:
            return self.compared(left)
        symbol = self.take()
        if binds > AND:
            return arithmetic(symbol, left, self.term(SIGN if binds == POWER else binds + 1))
        terms = [left, self.term(binds + 1)]
        while self.is_next(symbol.text):
            self.take()
            terms.append(self.term(binds + 1))
        return joined(symbol, terms)

    def compared(self, left: Term) -> Term:
        symbols, terms = [], [left]
        while self.binding_of_next() == COMPARISON:
            symbol = self.take()
            if symbol.text == "not":
                symbol = Lexeme("operator", "not in", Span(symbol.span.start, self.take().span.end))
            symbols.append(symbol)
            terms.append(self.looked_in() if symbol.text in IN and self.is_next("(") else self.term(SUM))
        return comparison(symbols, terms)

    def looked_in(self) -> Term:
        """Return what is in parentheses after `in`: a list if there is a comma, otherwise an ordinary term."""
        opening = self.take()
        items, end = self.items(opening, least=1)
        span = Span(opening.span.start, end)
        return listing(items, span) if len(items) > 1 else self.extended(replace(items[0], span=span), SUM)

    def operand(self, binding: int) -> Term:
        """Return the term for a value, or for `-`, `+` or `not` together with the value after it."""
        lexeme = self.next
        if lexeme.kind == "number":
            return constant(_number(lexeme), self.take().span)
        if lexeme.kind == "string":
            return constant(lexeme.text[1:-1], self.take().span)
        if lexeme.kind == "name":
            return self.named()
        if self.is_next("("):
            return self.grouped()
        if self.is_next("-") or self.is_next("+"):
            return signed(self.take(), self.term(SIGN))
        if self.is_next("not"):
            if binding > NOT:
                before = self.lexemes[self.place - 1].text
                raise ExpressionError(f"`not` cannot follow `{before}`", lexeme.span, "write `(not ...)`")
            return negated(self.take(), self.term(NOT))
        raise self.no_value()

    def named(self) -> Term:
        name = self.take()
        if self.is_next("("):
            arguments, end = self.items(self.take(), least=0)
            return call(name, arguments, end)
        if name.text in CONSTANTS:
            return constant(CONSTANTS[name.text], name.span)
        self.names.setdefault(name.text, name.span)
        return variable(name.text, name.span)

    def grouped(self) -> Term:
        opening = self.take()
        inner = self.term(OR)
        return replace(inner, span=Span(opening.span.start, self.closed(opening).span.end))

    def items(self, opening: Lexeme, *, least: int) -> tuple[list[Term], int]:
        """Return the terms up to the closing parenthesis (at least `least` terms), and where the parenthesis ends."""
        items: list[Term] = []
        while items or least or not self.is_next(")"):
            items.append(self.term(OR))
            if not self.is_next(","):
                break
            self.take()
        return items, self.closed(opening).span.end

    def closed(self, opening: Lexeme) -> Lexeme:
        if self.is_next(")"):
            return self.take()
        if self.is_done():
            raise ExpressionError("`(` is never closed", opening.span)
        raise self.unexpected()

    def no_value(self) -> ExpressionError:
        """Return the error for a lexeme that stands where a value is expected."""
        if self.place == 0:
            return ExpressionError(f"a value is missing before `{self.next.text}`", self.next.span)
        return ExpressionError(f"a value is missing after `{self.lexemes[self.place - 1].text}`", self.next.span)

    def unexpected(self) -> ExpressionError:
        """Return the error for a lexeme that stands where an operator is expected."""
        found = self.next
        if found.text == ")":
            return ExpressionError("`)` has no `(` before it", found.span)
        if found.text == ",":
            hint = "a list can only follow `in`, as in `seed in (1, 2)`"
            return ExpressionError("unexpected `,`", found.span, hint)
        hint = "write `==`" if found.text == "is" else ""
        return ExpressionError(f"an operator is missing before `{found.text}`", found.span, hint)


def _number(lexeme: Lexeme) -> Any:
    text = lexeme.text
    number = (int(text) if text.isdigit() else float(text)) if len(text) <= MAX_DIGITS else LARGEST + 1
    if number > LARGEST:
        raise ExpressionError("the number is too large", lexeme.span)
    return number
