"""Conditions as Python expressions: what stands between `if` and the colon, written and read back."""

import ast
from typing import Any

from workflowbench.shortcuts.conditions import (
    COMPARISONS,
    HAS_NO_VALUE,
    HAS_VALUE,
    IS_BETWEEN,
    IS_IN_LAST,
    IS_IN_NEXT,
    IS_TODAY,
    METHODS,
    NUMBER_KEYS,
    OPERAND_KEYS,
    Condition,
)
from workflowbench.shortcuts.expression_reading import ExpressionReader, is_call
from workflowbench.shortcuts.expressions import ExpressionWriter
from workflowbench.shortcuts.helper_reading import is_none
from workflowbench.shortcuts.program_errors import error_at
from workflowbench.shortcuts.values import Attachment, Serialized, Text

LEGACY_FLAG = "WFConditionalLegacyComparisonBehavior"
"""Set on comparisons that were made with iOS 12 and compare as it did."""
_OPERATORS: dict[type, int] = {
    ast.Lt: 0,
    ast.LtE: 1,
    ast.Gt: 2,
    ast.GtE: 3,
    ast.Eq: 4,
    ast.NotEq: 5,
    ast.In: 99,
    ast.NotIn: 999,
}
_METHOD_CODES = {method: code for code, method in METHODS.items()}
assert set(_OPERATORS.values()) == set(COMPARISONS)


class ConditionWriter:
    """Writes the conditions of one program with the writer of its values."""

    def __init__(self, expressions: ExpressionWriter) -> None:
        self._expressions = expressions

    def write(self, conditions: list[Condition], match_any: bool, extras: dict[str, Any]) -> str:
        """What stands between `if` and the colon."""
        if len(conditions) == 1:
            return self._condition(conditions[0], extras)
        parts = [self._condition(condition, {}) for condition in conditions]
        joined = (" or " if match_any else " and ").join(parts)
        return self._with_extras(joined, extras)

    def _condition(self, condition: Condition, extras: dict[str, Any]) -> str:
        tested = "None" if condition.input is None else self._expressions.write(condition.input)
        expression, used = self._comparison(tested, condition)
        if expression is not None:
            left = {key: value for key, value in condition.operands.items() if key not in used}
            return self._with_extras(expression, left | extras)
        arguments = self._expressions.arguments(condition.operands)
        compared = [tested, self._expressions.write(condition.code), *arguments]
        return self._with_extras(f"compare({', '.join(compared)})", extras)

    def _with_extras(self, expression: str, extras: dict[str, Any]) -> str:
        """The expression with what a comparison does not show."""
        if not extras:
            return expression
        if extras.keys() == {LEGACY_FLAG} and extras[LEGACY_FLAG] is True:
            return f"legacy_comparison({expression})"
        return f"condition({', '.join([expression, *self._expressions.arguments(extras)])})"

    def _comparison(self, tested: str, condition: Condition) -> tuple[str | None, tuple[str, ...]]:
        """The expression of a condition and the operand keys that it shows; None if it has no own form."""
        code, operands = condition.code, condition.operands
        if type(code) is not int:
            return None, ()
        if code in COMPARISONS or code in METHODS:
            return self._binary(tested, code, operands)
        if code == HAS_VALUE:
            return (tested if type(condition.input) is Attachment else None), ()
        if code == HAS_NO_VALUE:
            return f"not {tested}", ()
        if code == IS_TODAY:
            return f"is_today({tested})", ()
        if code in (IS_IN_NEXT, IS_IN_LAST):
            return self._time_span(tested, code, operands), ("WFDuration",)
        if code == IS_BETWEEN and all(is_numeric(operands.get(key)) for key in NUMBER_KEYS):
            low, high = (self._expressions.write(operands[key]) for key in NUMBER_KEYS)
            return f"{low} <= {tested} <= {high}", NUMBER_KEYS
        return None, ()

    def _binary(self, tested: str, code: int, operands: dict[str, Any]) -> tuple[str | None, tuple[str, ...]]:
        fitting = [
            key
            for key in ("WFConditionalActionString", "WFNumberValue")
            if (type(operands.get(key)) in (str, Text) if key[2] == "C" else is_numeric(operands.get(key)))
        ]
        if not fitting and operands:
            return None, ()
        used = () if not fitting else (fitting[-1] if code <= 3 else fitting[0],)
        value = self._expressions.write(operands[used[0]]) if used else "None"
        if code in METHODS:
            return f"{tested}.{METHODS[code]}({value})", used
        if code in (99, 999):
            return f"{value} {COMPARISONS[code]} {tested}", used
        return f"{tested} {COMPARISONS[code]} {value}", used

    def _time_span(self, tested: str, code: int, operands: dict[str, Any]) -> str | None:
        duration = operands.get("WFDuration")
        value = (
            duration.value
            if type(duration) is Serialized and duration.type == "WFQuantityFieldValue"
            else None
        )
        if type(value) is not dict or value.keys() != {"Magnitude", "Unit"}:
            return None
        function = "<= get_future_time" if code == IS_IN_NEXT else ">= get_recent_time"
        magnitude, unit = self._expressions.write(value["Magnitude"]), self._expressions.write(value["Unit"])
        return f"{tested} {function}({magnitude}, {unit})"


def is_numeric(value: Any) -> bool:
    """True for operands that a program shows as a number or a reference."""
    return type(value) in (int, float, Attachment) and value == value


class ConditionReader:
    """Reads the conditions of one program with the reader of its values."""

    def __init__(self, expressions: ExpressionReader) -> None:
        self._expressions = expressions

    def read(self, node: ast.expr) -> tuple[list[Condition], bool, dict[str, Any]]:
        """Conditions of an `if`: the conditions, whether one is enough, and further parameters."""
        extras: dict[str, Any] = {}
        if is_call(node, "legacy_comparison"):
            assert isinstance(node, ast.Call)
            extras, node = {LEGACY_FLAG: True}, self._expressions.one(node)
        elif is_call(node, "condition"):
            assert isinstance(node, ast.Call)
            if len(node.args) != 1:
                raise error_at(node, "the first argument is the comparison")
            extras, node = self._expressions.arguments(node, skip=1), node.args[0]
        if type(node) is ast.BoolOp:
            conditions = [self._one_condition(part) for part in node.values]
            return conditions, type(node.op) is ast.Or, extras
        condition = self._condition(node)
        condition.operands |= {key: extras.pop(key) for key in sorted(OPERAND_KEYS & extras.keys())}
        return [condition], False, extras

    def _one_condition(self, node: ast.expr) -> Condition:
        conditions, _, extras = self.read(node)
        if len(conditions) != 1 or extras:
            raise error_at(node, "`and` and `or` join plain comparisons, and do not mix")
        return conditions[0]

    def _condition(self, node: ast.expr) -> Condition:
        if type(node) is ast.Compare:
            return self._comparison(node)
        if type(node) is ast.UnaryOp and type(node.op) is ast.Not:
            return Condition(self._tested(node.operand), HAS_NO_VALUE)
        if type(node) is ast.Call:
            if type(node.func) is ast.Attribute and node.func.attr in _METHOD_CODES:
                code = _METHOD_CODES[node.func.attr]
                return Condition(
                    self._tested(node.func.value), code, self._operand(self._expressions.one(node))
                )
            if is_call(node, "is_today"):
                return Condition(self._tested(self._expressions.one(node)), IS_TODAY)
            if is_call(node, "compare"):
                return self._compare(node)
        return Condition(self._expressions.reference(node), HAS_VALUE)

    def _compare(self, node: ast.Call) -> Condition:
        if len(node.args) != 2:
            raise error_at(
                node, "the arguments are what is tested, the code of the condition, and its operands"
            )
        return Condition(
            self._tested(node.args[0]),
            self._expressions.read(node.args[1]),
            self._expressions.arguments(node, skip=2),
        )

    def _comparison(self, node: ast.Compare) -> Condition:
        operators = [type(operator) for operator in node.ops]
        if operators == [ast.LtE, ast.LtE]:
            bounds = [self._expressions.read(node.left), self._expressions.read(node.comparators[1])]
            return Condition(
                self._tested(node.comparators[0]), IS_BETWEEN, dict(zip(NUMBER_KEYS, bounds, strict=True))
            )
        if len(operators) != 1 or operators[0] not in _OPERATORS:
            raise error_at(node, "the comparison is none of <, <=, >, >=, ==, !=, in, not in, a <= x <= b")
        code, left, right = _OPERATORS[operators[0]], node.left, node.comparators[0]
        for span, span_code in (("get_future_time", IS_IN_NEXT), ("get_recent_time", IS_IN_LAST)):
            if is_call(right, span):
                return self._time_span(left, right, span_code)
        tested, operand = (right, left) if code in (99, 999) else (left, right)
        return Condition(self._tested(tested), code, self._operand(operand))

    def _time_span(self, left: ast.expr, call: ast.expr, code: int) -> Condition:
        assert isinstance(call, ast.Call)
        if len(call.args) != 2 or call.keywords:
            raise error_at(call, "the arguments are a magnitude and a unit")
        span = {
            "Magnitude": self._expressions.read(call.args[0]),
            "Unit": self._expressions.read(call.args[1]),
        }
        return Condition(self._tested(left), code, {"WFDuration": Serialized("WFQuantityFieldValue", span)})

    def _tested(self, node: ast.expr) -> Any:
        return None if is_none(node) else self._expressions.read(node)

    def _operand(self, node: ast.expr) -> dict[str, Any]:
        if is_none(node):
            return {}
        value = self._expressions.read(node)
        key = "WFConditionalActionString" if type(value) in (str, Text) else "WFNumberValue"
        return {key: value}
