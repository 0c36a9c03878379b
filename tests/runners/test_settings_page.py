"""docs/settings.md says what the configuration files say."""

import pytest

from runners.cli.entry import CONFIG_DIR
from runners.cli.setting_types import read_settings
from runners.cli.settings_page import settings_page
from tests.commands import ROOT
from tests.runners.test_setting_types import COMMANDS

PAGE = (ROOT / "docs/settings.md").read_text(encoding="utf-8")


def test_the_page_is_that_of_the_configuration_files():
    assert settings_page(CONFIG_DIR) == PAGE, "docs/settings.md is not up to date: make docs-pages"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_setting_has_an_explanation_and_is_on_the_page(command):
    settings = read_settings(CONFIG_DIR, command)
    assert [key for key, setting in settings.items() if not setting.meaning] == []
    assert [key for key in settings if f"| `{key}` |" not in PAGE] == []


def test_a_preset_has_what_it_changes_and_the_default():
    preset = PAGE.partition("### hrnet_w44_fpn_1280\n")[2].partition("###")[0]
    assert "without early stopping" in preset
    assert "| `early_stopping.enabled` | `false` | `true` |" in preset
    assert "| `models.encoder.name` | `hrnet_w44` | `resnet18` |" in preset
    assert "models.optimizer.weight_decay" not in preset
