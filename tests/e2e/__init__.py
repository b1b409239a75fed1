"""The first journey through the front door, as people walk it in their browsers."""

import pytest

pytest.register_assert_rewrite("tests.e2e.outcome", "tests.e2e.persons")
