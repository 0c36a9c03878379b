"""Folds of `runners/kfold.py` side by side, through Hydra's launchers."""

import pytest

from runners.cli.command_line import check_overrides
from runners.cli.entry import CONFIG_DIR
from tests.commands import SMALL, output, run
from tests.small_data import random_split


@pytest.mark.parametrize("launcher", ["joblib", "submitit_local", "submitit_slurm"])
def test_folds_side_by_side_compose_with_each_launcher(launcher):
    pytest.importorskip(f"hydra_plugins.hydra_{launcher.partition('_')[0]}_launcher")
    check_overrides(CONFIG_DIR, "kfold", ["preset=quickstart", "kfold.fold=0,1,2", f"hydra/launcher={launcher}"])


@pytest.mark.slow
def test_folds_train_side_by_side_and_are_then_joined(tmp_path):
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher")
    for seed, (split, count) in enumerate({"train": 8, "test": 3}.items()):
        random_split(tmp_path, split, count, seed=seed)
    places = (f"datasets.root={tmp_path}", f"hydra.run.dir={tmp_path}/run", f"output={tmp_path}/csv", "ledger=null")
    settings = (*SMALL, *places, "kfold.n_splits=2", "trainer.max_epochs=2")
    launcher = ("hydra/launcher=joblib", "hydra.launcher.n_jobs=2")
    parallel = run("kfold", "--multirun", *settings, "kfold.fold=0,1", *launcher)
    assert parallel.returncode == 0, output(parallel)
    assert sorted(path.name for path in tmp_path.glob("run/fold_*")) == ["fold_0", "fold_1"]
    joined = run("kfold", *settings)
    assert joined.returncode == 0, output(joined)
    assert "Out-of-fold scores" in output(joined)
    assert (tmp_path / "csv/submission.csv").is_file()
