"""Boolean functions of Liberty (`!A & (B + C')`, blanks being ANDs): as Verilog, and how likely they are true."""
import itertools
import re

NAME = re.compile(r"[A-Za-z_]\w*")


def verilog(function):
    text = function.strip().replace("*", "&").replace("+", "|")
    text = re.sub(r"([A-Za-z_]\w*|\))\s*'", r"!\1", text) if ")'" not in text.replace(" ", "") else postfix(text)
    text = re.sub(r"([\w)])\s+(?=[\w!(])", r"\1 & ", text)
    return text.replace("!", "~")


def postfix(text):
    """`(...)'` and `X'` to `!(...)` and `!X`."""
    text = re.sub(r"\s+'", "'", text)
    while "'" in text:
        end = text.index("'")
        start = end - 1
        if text[start] == ")":
            depth = 1
            while depth:
                start -= 1
                depth += {")": 1, "(": -1}.get(text[start], 0)
        else:
            while start > 0 and re.match(r"\w", text[start - 1]):
                start -= 1
        text = f"{text[:start]}!{text[start:end]}{text[end + 1:]}"
    return text


def inputs(function):
    return sorted(set(NAME.findall(function)))


def probability(function, high):
    """That a function is true, its inputs being high for the shares `high` of the time, each by itself."""
    names = inputs(function)
    code = compile(verilog(function), function, "eval")  # its operators are Python's, of bits
    total = 0.0
    for bits in itertools.product((0, 1), repeat=len(names)):
        if eval(code, {"__builtins__": {}}, dict(zip(names, bits))) & 1:  # of names and operators alone
            share = 1.0
            for name, bit in zip(names, bits):
                share *= high.get(name, 0.5) if bit else 1 - high.get(name, 0.5)
            total += share
    return total
