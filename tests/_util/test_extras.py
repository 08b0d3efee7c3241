"""A missing package is explained by the extra that brings it."""

import pytest

from voxlink._util.extras import EXTRA_OF_PACKAGE, explained
from voxlink.errors import MissingExtra


@pytest.mark.parametrize(("package", "extra"), EXTRA_OF_PACKAGE.items())
def test_an_optional_package_names_its_extra(package: str, extra: str) -> None:
    error = explained(ModuleNotFoundError("no", name=f"{package}.part"), "sound")
    assert isinstance(error, MissingExtra)
    assert error.extra == extra
    assert f"voxlink[{extra}]" in str(error)


def test_any_other_missing_module_stays_what_it_was() -> None:
    error = ModuleNotFoundError("no", name="something_else")
    assert explained(error, "sound") is error
