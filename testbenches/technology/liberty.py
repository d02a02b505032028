"""Reads a Liberty file into groups: `name (arguments) { key : value; key (values); group ... }`."""
import gzip
import pathlib
import re

from refusal import Refusal

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[^\s"(){}:;,\\]+|[(){}:;,]|\n', re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


class Group:
    """A group, or the file as one: `values` has the last of each key, complex ones as lists."""

    def __init__(self, kind, arguments, line):
        self.kind, self.arguments, self.line = kind, arguments, line
        self.values, self.groups = {}, []

    @property
    def name(self):
        return self.arguments[0] if self.arguments else ""

    def all(self, *kinds):
        return [group for group in self.groups if group.kind in kinds]

    def get(self, key, otherwise=None):
        return self.values.get(key, otherwise)


def text_of(path):
    path = pathlib.Path(path)
    try:
        with (gzip.open(path, "rt") if path.suffix == ".gz" else open(path, encoding="latin-1")) as file:
            return file.read()
    except (OSError, EOFError) as fault:
        raise Refusal(f"{path}: {getattr(fault, 'strerror', None) or fault}, expected a Liberty file") from None


def blanked(match):
    """Comments go, lines stay."""
    return " " + "\n" * match.group().count("\n")


class Reader:
    def __init__(self, path):
        self.path = path
        text = COMMENT.sub(blanked, text_of(path))
        self.tokens, self.lines = [], []
        line = 1
        for token in TOKEN.findall(text):
            if token[0] == "\n":
                line += 1
                continue
            self.tokens.append(token)
            self.lines.append(line)
            line += token.count("\n")
        self.at = 0

    def refuse(self, expected):
        found = self.tokens[self.at] if self.at < len(self.tokens) else "the end"
        line = self.lines[min(self.at, len(self.lines) - 1)] if self.lines else 1
        raise Refusal(f"{self.path}:{line}: found {found}, expected {expected}")

    def peek(self):
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, expected=None):
        token = self.peek()
        if not token or (expected and token != expected):
            self.refuse(expected or "more of the library")
        self.at += 1
        return token

    def arguments(self):
        self.take("(")
        found = []
        while self.peek() != ")":
            token = self.take()
            if token in "{};":
                self.at -= 1
                self.refuse(")")
            if token != ",":
                found.append(token.strip('"'))
        self.take(")")
        return found

    def value(self):
        words = []
        line = self.lines[self.at] if self.at < len(self.lines) else 0
        while self.peek() not in (";", "}", "") and self.lines[self.at] == line:
            words.append(self.take().strip('"'))
        return " ".join(words)

    def group(self, kind, arguments, line):
        group = Group(kind, arguments, line)
        self.take("{")
        while self.peek() != "}":
            self.statement(group)
        self.take("}")
        return group

    def statement(self, into):
        if self.peek() == ";":
            self.at += 1
            return
        line, name = self.lines[self.at] if self.at < len(self.lines) else 0, self.take()
        if self.peek() == ":":
            self.take(":")
            into.values[name] = self.value()
        elif self.peek() == "(":
            arguments = self.arguments()
            if self.peek() == "{":
                into.groups.append(self.group(name, arguments, line))
            else:
                into.values[name] = arguments
        else:
            self.refuse("':' or '('")


def read(path):
    """The `library` group of a file, plain or gzipped. Refusal with file:line where it is none."""
    reader = Reader(path)
    if reader.peek() != "library":
        reader.refuse("library (NAME) {")
    line = reader.lines[0]
    reader.take()
    return reader.group("library", reader.arguments(), line)
