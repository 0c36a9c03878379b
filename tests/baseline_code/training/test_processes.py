"""One process of a training writes."""

from pytorch_lightning.utilities import rank_zero_only

from baseline_code.training.processes import is_first_process


def test_the_process_of_rank_zero_is_the_first_and_so_is_the_only_one(monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 1, raising=False)
    assert not is_first_process()
    monkeypatch.setattr(rank_zero_only, "rank", 0)
    assert is_first_process()
    monkeypatch.delattr(rank_zero_only, "rank")
    assert is_first_process()


def test_of_several_machines_that_are_started_by_hand_only_one_has_the_first_process(monkeypatch):
    monkeypatch.setattr(rank_zero_only, "rank", 0, raising=False)  # on each of them, until the trainer knows better
    for node, is_first in (("0", True), ("1", False)):
        monkeypatch.setenv("NODE_RANK", node)
        assert is_first_process(nodes=2) is is_first
    assert is_first_process(nodes=1)
