"""The devices that the checks of this folder run on: the CPU everywhere, a CUDA device where there is one."""

import pytest


@pytest.fixture(params=["cpu", pytest.param("cuda", marks=pytest.mark.gpu)])
def device(request):
    return request.param
