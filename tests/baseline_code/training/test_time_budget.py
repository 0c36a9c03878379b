"""A training that fits into a time."""

import pytest
import torch
from torch import nn

from baseline_code.training.callbacks import TimeBudget, parse_time, time_budget
from baseline_code.training.optimization import OptimizerFactory, ScheduleFactory
from tests.lightning_modules.experiment import configured, fit


@pytest.mark.parametrize(("text", "seconds"), [("00:02:30:00", 9000), ("1:0:0:5", 86405)])
def test_a_time_is_days_hours_minutes_and_seconds(text, seconds):
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["02:30:00", "00:25:00:00", "00:00:60:00", "00:00:00:00", "2h"])
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match=r"expected trainer.max_time as DD:HH:MM:SS, such as 00:02:30:00, got '"):
        parse_time(text)


def schedule(total_steps, epochs):
    optimizer = OptimizerFactory(lr=1.0)(nn.Linear(2, 2))
    return ScheduleFactory("poly", warmup=0.1, final=0.0, power=1.0)(optimizer, total_steps, epochs)


def rates(scheduler, steps):
    found = []
    for _ in range(steps):
        scheduler.optimizer.step()
        scheduler.step()
        found.append(scheduler.get_last_lr()[0])
    return found


def test_a_shorter_schedule_comes_down_to_its_end_and_a_longer_one_never_rises():
    shorter = schedule(100, 10)
    rates(shorter, 19)
    shorter.refit(40, 4)
    rest = rates(shorter, 20)
    assert rest == sorted(rest, reverse=True)
    assert rest[-1] == pytest.approx(0.0)
    longer = schedule(40, 4)
    before = rates(longer, 19)[-1]
    longer.refit(400, 40)
    rest = rates(longer, 380)
    assert rest[0] == before
    assert rest == sorted(rest, reverse=True)
    assert rest[-1] == pytest.approx(0.0)


def test_in_the_warm_up_the_rate_goes_on_rising_as_it_did():
    whole, refitted = schedule(100, 10), schedule(100, 10)
    expected = rates(whole, 9)
    first = rates(refitted, 4)
    refitted.refit(1000, 100)
    assert [*first, *rates(refitted, 5)] == pytest.approx(expected)


def test_a_warm_up_that_is_too_long_for_the_time_ends_at_once():
    scheduler = schedule(1000, 100)  # whose warm-up has 100 steps
    rates(scheduler, 10)
    scheduler.refit(30, 3)
    rest = rates(scheduler, 20)
    assert rest[0] == pytest.approx(1 - 1 / 19)  # step 11 of 10 .. 29
    assert rest == sorted(rest, reverse=True)
    assert rest[-1] == pytest.approx(0.0)


def test_a_fitted_schedule_that_goes_on_with_the_same_settings_does_not_rise_again():
    fitted, again = schedule(100, 10), schedule(100, 10)  # whose warm-up has 10 steps
    rates(fitted, 10)
    fitted.refit(40, 4)
    assert rates(fitted, 20)[-1] == pytest.approx(9 / 29)  # step 30 of 10 .. 39
    again.load_state_dict(fitted.state_dict())
    assert again.get_last_lr() == fitted.get_last_lr()
    rest = rates(again, 70)
    assert rest == sorted(rest, reverse=True)
    assert rest[-1] == pytest.approx(0.0)


def test_a_schedule_that_is_typed_anew_holds_also_after_a_fitted_one():
    fitted = schedule(100, 10)
    rates(fitted, 10)
    fitted.refit(40, 4)
    rates(fitted, 20)
    constant = ScheduleFactory("constant", warmup=0.0)(OptimizerFactory(lr=1.0)(nn.Linear(2, 2)), 100, 10)
    constant.load_state_dict(fitted.state_dict())
    assert constant.get_last_lr()[0] == 1.0


class Clock:
    """Each batch of training takes ten seconds, each validation fifty."""

    def __init__(self, monkeypatch):
        self.now = 0.0
        monkeypatch.setattr(time_budget.time, "monotonic", lambda: self.now)


@pytest.fixture
def train(data, tmp_path, monkeypatch):
    """A training of two steps per epoch by a clock of its own; gives its trainer and validated epochs."""
    clock = Clock(monkeypatch)

    def start(seconds, *settings):
        validated = []

        class Ticking(TimeBudget):
            def on_train_batch_end(self, trainer, *arguments):
                clock.now += 10
                super().on_train_batch_end(trainer, *arguments)

            def on_validation_end(self, trainer, module):
                clock.now += 50
                validated.append(trainer.current_epoch)
                super().on_validation_end(trainer, module)

        trained = fit(configured(data, *settings), tmp_path, Ticking(seconds))
        return trained.trainer, validated

    return start


@pytest.mark.parametrize("max_epochs", [1, 2, 50])
def test_as_many_epochs_are_trained_as_fit_whatever_their_number_was(train, max_epochs):
    trainer, validated = train(75 * 3, f"trainer.max_epochs={max_epochs}")
    assert validated == [0, 1, 2]  # 70 s each
    assert trainer.max_epochs == 3


def test_an_epoch_that_is_longer_than_the_time_ends_with_a_validation(train, tmp_path):
    trainer, validated = train(5, "trainer.max_epochs=10", "trainer.check_val_every_n_epoch=5")
    assert trainer.global_step == 1
    assert validated == [0]
    checkpoint = torch.load(tmp_path / "checkpoints/best.ckpt", weights_only=False)
    assert checkpoint["global_step"] == 1


def test_where_no_time_is_left_after_an_epoch_without_a_validation_one_step_more_brings_it(train, tmp_path):
    """5 of the 25 s are left after the first epoch, none after one step more."""
    trainer, validated = train(25, "trainer.max_epochs=10", "trainer.check_val_every_n_epoch=5")
    assert trainer.global_step == 3
    assert validated == [1]
    assert (tmp_path / "checkpoints/best.ckpt").is_file()
