# How cmake-format lays CMake out, and what our own functions take.
with section("format"):
    line_width = 110
    tab_size = 2
    dangle_parens = False
    max_subgroups_hwrap = 4
    max_pargs_hwrap = 100

with section("markup"):
    enable_markup = False

with section("parse"):
    additional_commands = {
        "basil_room": {
            "pargs": 1,
            "kwargs": {"EXCLUDE": 1, "TESTS_OF": 1, "LINK": "*", "TEST_LINK": "*"},
        },
        "basil_test": {"pargs": 1, "kwargs": {"SOURCES": "*", "LINK": "*"}},
        "gtest_discover_tests": {
            "pargs": 1,
            "flags": ["NO_PRETTY_VALUES"],
            "kwargs": {"DISCOVERY_TIMEOUT": 1, "PROPERTIES": {"kwargs": {"TIMEOUT": 1, "ENVIRONMENT": 1}}},
        },
    }
