"""Hypothesis profiles and the array namespaces that portable code is tested on.

Hypothesis is deterministic by default; ``HYPOTHESIS_PROFILE=thorough`` draws more examples, afresh each time.
"""

import os
from types import ModuleType

import array_api_strict
import pytest
from hypothesis import settings

from numerics.backend import Backend, backend_status, select_backend

settings.register_profile("default", derandomize=True, deadline=None, max_examples=50)
settings.register_profile("thorough", derandomize=False, deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

STRICT = Backend("array_api_strict", array_api_strict, "CPU", {"array_api_strict": array_api_strict.__version__})


@pytest.fixture(scope="session", params=["numpy", "array_api_strict", pytest.param("cupy", marks=pytest.mark.gpu)])
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each backend in turn, with array-api-strict to prove that portable code is portable."""
    if request.param == "array_api_strict":
        return STRICT
    status = {one.name: one for one in backend_status()}[request.param]
    if not status.available:
        pytest.skip(status.detail)
    return select_backend(request.param)


@pytest.fixture(scope="session")
def xp(backend: Backend) -> ModuleType:
    """The array namespace of `backend`."""
    return backend.xp
