"""Input that cannot be worked with, in one line for a person: what, where, found, expected."""


class Refusal(Exception):
    pass
