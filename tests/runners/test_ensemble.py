"""`runners/ensemble.py`: maps of models, or polygons of prediction files, as one."""

import csv
import json
import shutil
import unicodedata

import cv2
import numpy as np
import pytest
import torch
from omegaconf.errors import InterpolationToMissingValueError, MissingMandatoryValue

from baseline_code.files.duplicates import file_sha256
from ocr.annotations.records import ImageRecord
from ocr.ensemble import FoundWeights
from ocr.geometry import scaling
from ocr.probability_maps import ImageMap, MapCache, MapCacheWriter
from ocr.statistics import PairedGain
from ocr.submission import PredictedImage, read_predictions, write_predictions
from runners.cli.settings import plain
from runners.ensemble import main
from runners.wiring.ensemble_members import EnsembleSettings, read_members
from runners.wiring.ensemble_weights import _verdict
from tests.commands import composed, output, run
from tests.report.reports import data_of
from tests.small_data import block, write_split

WORDS = {"b.png": [block(10, 10, 60, 20), block(10, 50, 60, 20)], "a.png": [block(20, 30, 60, 20)]}
SHARP = 0.95
UNMOVED = ("models.head.unclip=ratio", "models.head.unclip_ratio=0")  # a region's polygon is the word's
CSV = "filename,polygons\nb.png,10 10 70 10 70 30 10 30|10 50 70 50 70 70 10 70\na.png,20 30 80 30 80 50 20 50\n"


def configured(*overrides):
    return composed("ensemble", *overrides, "ledger=null", *UNMOVED)


def ensemble(*overrides):
    main(configured(*overrides))


def write_maps(folder, data, split, strengths, source=None):
    """A cache that has each word as strong as that, in the image's size."""
    with MapCacheWriter(folder, source=source or {}) as writer:
        for name, words in WORDS.items():
            path = data / "images" / split / name
            height, width = cv2.imread(str(path)).shape[:2]
            probability = np.zeros((height, width), np.float32)
            for ((left, top), _, (right, bottom), _), strength in zip(words, strengths, strict=False):
                probability[top:bottom, left:right] = strength
            record = ImageRecord(name, width, height, scaling(1.0))
            writer.add(ImageMap(record, probability), file_sha256(path))
    return folder


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Splits with two images each: val with labels, test with none, and one to train on."""
    root = tmp_path_factory.mktemp("images")
    for split in ("train", "val", "test"):
        write_split(root, split, {name: (100, 90, words if split != "test" else []) for name, words in WORDS.items()})
    return root


@pytest.fixture
def both(images, tmp_path):
    """Maps of a member that finds all words of val, and of one that hardly sees the second of them."""
    return [
        write_maps(tmp_path / name, images, "val", strengths)
        for name, strengths in (("sure", (SHARP, SHARP)), ("unsure", (SHARP, 0.0)))
    ]


@pytest.fixture
def submission(tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(CSV)
    return path


def counts(folder):
    return {name: len(image.polygons) for name, image in read_predictions(folder / "predictions.json").items()}


def test_a_checkpoint_alone_gives_what_predict_gives(predicted, training, data, tmp_path):
    folder, ledger = tmp_path / "alone", tmp_path / "ledger.csv"
    result = run(
        "ensemble", f"members=[{training.best}]", "images=val", f"output={folder}", f"ledger={ledger}", "worst=1"
    )
    assert result.returncode == 0, result.stdout + result.stderr
    for name in ("submission.csv", "predictions.json", "failed.json"):
        assert (folder / name).read_bytes() == (predicted / name).read_bytes()
    assert MapCache(folder / "members/0").filenames == ("val_0.png", "val_1.png", "val_2.png")
    assert "Scores of 3 images" in output(result)
    (row,) = csv.DictReader(ledger.read_text().splitlines())
    assert str(training.best) in row["checkpoints"]
    assert 0 < float(row["val_hmean"]) <= 1
    assert "weights=[1.0]" in row["settings"]


def test_maps_are_averaged_by_weight_before_the_post_processing(both, tmp_path):
    """0.95 / 2 is above box_thresh 0.4, 0.95 * 0.4 below."""
    members = f"members=[{both[0]},{both[1]}]"
    ensemble(members, f"output={tmp_path / 'equal'}")
    ensemble(members, "weights=[0.4,0.6]", f"output={tmp_path / 'weighted'}")
    assert counts(tmp_path / "equal") == {"b.png": 2, "a.png": 1}
    assert counts(tmp_path / "weighted") == {"b.png": 1, "a.png": 1}


def test_fused_maps_are_kept_and_are_a_member_themselves(both, tmp_path):
    fused = tmp_path / "fused"
    ensemble(f"members=[{both[0]},{both[1]}]", f"output={tmp_path / 'first'}", f"save_maps={fused}")
    source = MapCache(fused).source
    assert source["weights"] == [0.5, 0.5]
    assert len(source["members"]) == 2
    ensemble(f"members=[{fused}]", f"output={tmp_path / 'second'}")
    for name in ("submission.csv", "predictions.json"):
        assert (tmp_path / "second" / name).read_bytes() == (tmp_path / "first" / name).read_bytes()


@pytest.mark.parametrize(
    ("typed", "error", "message"),
    [
        (
            ("save_maps={maps}",),
            FileExistsError,
            r"index\.json is there already: choose another save_maps=, or set over",
        ),
        (("weights=search", "search.images=test"), ValueError, "expected labels to search weights on"),
        (("annotations={root}/jsons/test.json",), ValueError, r"nothing to score in .*test\.json"),
        (
            ("images={root}/images/val/a.png", "annotations={root}/jsons/val.json"),
            ValueError,
            r"got 0 others \(none\) and none of 1 \(b\.png\)",
        ),
    ],
)
def test_what_would_fail_in_the_end_is_refused_before_the_members_predict(
    typed, error, message, both, images, tmp_path
):
    """The checkpoint has no weights: it would be refused where it is to predict."""
    torch.save({"config": {}, "state_dict": {}}, tmp_path / "best.ckpt")
    filled = [one.format(maps=both[0], root=images) for one in typed]
    with pytest.raises(error, match=message):
        ensemble(
            f"members=[{tmp_path / 'best.ckpt'}]", *filled, f"datasets.root={images}", f"output={tmp_path / 'out'}"
        )


def test_a_report_shows_what_the_members_found_together(both, images, tmp_path):
    data = (f"datasets.root={images}", "images=val", f"save_maps={tmp_path / 'fused'}")
    ensemble(f"members=[{both[0]},{both[1]}]", *data, f"output={tmp_path / 'out'}", f"report={tmp_path / 'report'}")
    shown = {image["name"]: image["runs"][0] for image in data_of(tmp_path / "report/index.html")["images"]}
    assert {name: len(run["matched"]) for name, run in shown.items()} == {"b.png": 2, "a.png": 1}
    assert all((tmp_path / "report" / run["map"]).is_file() for run in shown.values())


def test_weights_are_searched_on_labelled_maps_and_told(both, images, tmp_path, caplog):
    """Where the second member does not help, all the labelled images say so; two are too few to be believed."""
    caplog.set_level("INFO")
    ensemble(
        *(f"members=[{both[0]},{both[1]}]", "weights=search", f"search.maps=[{both[0]},{both[1]}]"),
        *(f"datasets.root={images}", "models.head.box_thresh=0.6", f"output={tmp_path / 'out'}"),
    )
    assert "H 0.83333 with equal weights, 1.00000 with these" in caplog.text  # b.png: 2/3, a.png: 1
    assert "that is not certain enough: equal weights are taken" in caplog.text
    assert counts(tmp_path / "out") == {"b.png": 1, "a.png": 1}


def test_a_search_that_finds_equal_weights_does_not_call_them_uncertain():
    gain = PairedGain(mean=0.0, low=0.0, high=0.0, probability=0.5, standard_error=0.0)
    found = FoundWeights((0.5, 0.5), False, (0.5, 0.5), 0.9, 0.9, 0.9, gain, images=2)
    assert _verdict(found) == "equal weights are the best that the search found: they are taken"
    assert _verdict(found._replace(found=(1.0, 0.0))) == "that is not certain enough: equal weights are taken"


def test_labels_that_lie_beside_the_maps_are_searched_on(both, images, tmp_path, caplog):
    """As they do with the out-of-fold maps of runners/kfold.py, for the images that have maps."""
    caplog.set_level("INFO")
    labels = json.loads((images / "jsons/val.json").read_text())
    labels["images"]["other_fold.png"] = labels["images"]["a.png"]
    (both[0] / "annotations.json").write_text(json.dumps(labels))
    search = ("weights=search", f"search.maps=[{both[0]},{both[1]}]", "search.images=none")
    ensemble(f"members=[{both[0]},{both[1]}]", *search, f"output={tmp_path / 'out'}")
    assert "maps of 2 of the 3 labelled images only" in caplog.text
    assert "best weights on 2 images" in caplog.text


def test_an_image_that_cannot_be_read_has_no_map_and_keeps_its_row(tmp_path):
    root = tmp_path / "data"
    write_split(root, "test", {name: (100, 90, []) for name in WORDS})
    maps = write_maps(tmp_path / "maps", root, "test", (SHARP, SHARP))
    labels = json.loads((root / "jsons/test.json").read_text())
    (root / "jsons/test.json").write_text(json.dumps({"images": {"broken.png": {"words": {}}, **labels["images"]}}))
    (root / "images/test/broken.png").write_bytes(b"no image")
    typed = (f"members=[{maps}]", "images=test", f"datasets.root={root}")
    with pytest.raises(SystemExit) as ended:
        ensemble(*typed, f"output={tmp_path / 'out'}")
    assert ended.value.code == 3
    rows = (tmp_path / "out/submission.csv").read_text().splitlines()
    assert [row.partition(",")[0] for row in rows] == ["filename", "broken.png", "b.png", "a.png"]
    ((name, reason),) = json.loads((tmp_path / "out/failed.json").read_text()).items()
    assert name == "broken.png"
    assert "broken.png: expected a JPEG" in reason  # as predict says it
    shutil.copy(root / "images/test/a.png", root / "images/test/broken.png")
    with pytest.raises(ValueError, match=r"maps: expected the images of .*test, .* none of 1 \(broken\.png\)"):
        ensemble(*typed, f"output={tmp_path / 'other'}")


def test_rows_have_the_names_that_were_asked_for_also_where_the_maps_have_another_unicode_form(tmp_path):
    asked, mapped = (unicodedata.normalize(form, "é.png") for form in ("NFC", "NFD"))
    write_split(tmp_path, "test", {asked: (100, 90, [])})
    probability = np.zeros((90, 100), np.float32)
    probability[30:50, 20:80] = SHARP
    with MapCacheWriter(tmp_path / "maps", source={}) as writer:
        writer.add(ImageMap(ImageRecord(mapped, 100, 90, scaling(1.0)), probability), "0" * 64)
    ensemble(f"members=[{tmp_path / 'maps'}]", "images=test", f"datasets.root={tmp_path}", f"output={tmp_path / 'out'}")
    assert counts(tmp_path / "out") == {asked: 1}


def test_folders_that_predict_wrote_are_members_and_are_voted_on(submission, tmp_path, images, capsys):
    fewer = tmp_path / "fewer"
    fewer.mkdir()
    (fewer / "submission.csv").write_text(CSV.replace("|10 50 70 50 70 70 10 70", ""))
    ensemble(
        *(f"members=[{submission},{fewer}]", "weights=[1,2]", f"annotations={images / 'jsons/val.json'}"),
        f"output={tmp_path / 'out'}",
    )
    assert counts(tmp_path / "out") == {"b.png": 1, "a.png": 1}
    assert "Scores of 2 images" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["members=[{csv},{maps}]"], r"all models or all prediction files.*write the predictions of .*sure first"),
        (["members=[{csv}]", "weights=search"], "expected no weights=search with prediction files"),
        (["members=[{csv}]", "save_maps=folder"], "expected no save_maps with prediction files"),
        (["members=[{maps}]", "save_maps={maps}", "overwrite=true"], "expected save_maps to be another folder"),
        (["members=[{maps}]", "vote=0.5"], "expected no vote with models"),
        (["members=[{maps}]", "report=new"], "expected images= and labels for report=, got none: give images=val"),
        (["members=[{maps}]", "weights=best"], "expected weights to be a list, null .* or search, got 'best'"),
        (["members=[{maps}]", "weights=[1,2]"], "a weight for each of the 1 members"),
        (["members=[{{path:{maps},img_size:640}}]"], "expected img_size for checkpoints only"),
        (["members=[{{path:{maps},size:640}}]"], "expected a member to be a path or to have path, img_size, resize, "),
        (["members=[{{path:{checkpoint},tta:{{flop:true}}}}]"], r"empty\.ckpt: its own settings do not fit: .*flop"),
        (["members=[{maps}]", "tta.flip=true"], r"sure: expected tta\.flip for checkpoints only; .* predict it again"),
        (["members=[{csv}]", "datasets.test.img_size=640"], r"mine\.csv: expected datasets\.test\.img_size for check"),
        (["members=[{maps}/maps]"], r"expected a folder of probability maps \(index.json\) or of predictions"),
        (["members=[missing.ckpt]"], r"missing\.ckpt: expected a checkpoint, .* found none"),
        (["members=[]"], r"expected members=\[…\]"),
        (["members=[{maps}]", "checkpoint_path=a.ckpt"], r"expected members=\[…\], got checkpoint_path=a\.ckpt"),
        (["members=[{maps}]", "weights=search"], r"expected search\.maps=\[…\]"),
        (["members=[{maps}]", "weights=search", "search.maps=[{maps},{maps}]"], "a folder for each of the 1 members"),
        (["members=[{maps}]", "weights=search", "search.images=test"], "expected labels to search weights on"),
        (
            ["members=[{maps}]", "images=train", "annotations={other}"],
            r"got 1 others \(b\.png\)",
        ),
    ],
)
def test_what_cannot_work_is_refused_with_a_hint(overrides, message, both, submission, images, tmp_path):
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"images": {"a.png": {"words": {"0001": {"points": block(20, 30, 60, 20)}}}}}))
    checkpoint = tmp_path / "empty.ckpt"
    checkpoint.touch()
    names = {"csv": submission, "maps": both[0], "other": other, "checkpoint": checkpoint}
    filled = [override.format(**names) for override in overrides]
    with pytest.raises(ValueError, match=message):
        ensemble(*([] if "{root}" in str(overrides) else [f"datasets.root={images}"]), *filled, f"output={tmp_path}/o")


@pytest.mark.parametrize(
    ("overrides", "error", "missing"),
    [
        ([], MissingMandatoryValue, "members"),
        (["ensemble=hybrid", "hybrid.hrnet=b.ckpt"], InterpolationToMissingValueError, r"hybrid\.resnet50"),
    ],
)
def test_members_have_to_be_given(overrides, error, missing):
    with pytest.raises(error, match=missing):
        ensemble(*overrides)


def test_a_vote_of_equal_submissions_returns_the_file_and_writes_over_none(submission, tmp_path):
    (tmp_path / "windows.csv").write_bytes(CSV.replace("\n", "\r\n").encode())
    typed = (f"members=[{submission},{tmp_path / 'windows.csv'}]", "vote=1", f"output={tmp_path / 'out'}")
    ensemble(*typed)
    assert (tmp_path / "out/submission.csv").read_text() == CSV
    with pytest.raises(FileExistsError, match="holds predictions already"):
        ensemble(*typed)
    ensemble(*typed, "overwrite=true")


def test_a_vote_on_images_of_another_size_than_the_labelled_ones_is_not_scored(images, tmp_path):
    nothing = PredictedImage([], np.zeros(0, np.float32), (50, 45))
    write_predictions(tmp_path / "half.json", dict.fromkeys(WORDS, nothing))
    with pytest.raises(ValueError, match=r"b\.png: expected predictions for an image of 100 x 90 px as labelled, got"):
        ensemble(
            *(f"members=[{tmp_path / 'half.json'}]", f"annotations={images / 'jsons/val.json'}"),
            f"output={tmp_path / 'out'}",
        )


def test_members_of_half_the_size_are_warned_of_and_so_are_images_without_a_word_left(submission, tmp_path, caplog):
    half = tmp_path / "half.csv"
    half.write_text(
        "filename,polygons\nb.png,5 5 35 5 35 15 5 15|5 25 35 25 35 35 5 35\na.png,10 15 40 15 40 25 10 25\n"
    )
    ensemble(f"members=[{submission},{half}]", f"output={tmp_path / 'out'}")
    assert (
        f"{submission} and {half} agree on 0 words of 3 and 3: are both of these images at the same size?"
        in caplog.text
    )
    assert "no word found in 2 of 2 images: b.png, a.png" in caplog.text


@pytest.mark.parametrize("kind", ["csv", "folder", "maps", "checkpoint", "checkpoint_with_settings"])
def test_a_member_that_is_there_twice_is_refused_also_as_a_copy(kind, submission, both, tmp_path):
    (tmp_path / "folder").mkdir()
    shutil.copy(submission, tmp_path / "folder/submission.csv")
    shutil.copytree(both[0], tmp_path / "copied")
    (tmp_path / "a.ckpt").write_bytes(b"weights")
    shutil.copy(tmp_path / "a.ckpt", tmp_path / "b.ckpt")
    first, second = tmp_path / "a.ckpt", tmp_path / "b.ckpt"
    members = {
        "csv": f"{submission},{submission}",
        "folder": f"{submission},{tmp_path / 'folder'}",
        "maps": f"{both[0]},{both[1]},{tmp_path / 'copied'}",
        "checkpoint": f"{first},{second}",
        "checkpoint_with_settings": f"{{path:{first},img_size:640}},{{path:{second},img_size:640}}",
    }
    with pytest.raises(
        ValueError, match=r"expected each member once, got .* with the bytes of .*; weights=\[…\] gives"
    ):
        ensemble(f"members=[{members[kind]}]")


def test_a_checkpoint_may_be_there_at_two_sizes(tmp_path):
    (tmp_path / "a.ckpt").write_bytes(b"weights")
    members = [str(tmp_path / "a.ckpt"), {"path": str(tmp_path / "a.ckpt"), "img_size": 640}]
    asked = EnsembleSettings.of(plain(configured("members=[a]"), resolve=True) | {"members": members})
    assert [member.path.name for member in read_members(asked)] == ["a.ckpt", "a.ckpt"]


def test_images_of_a_labelled_split_are_scored_those_without_words_not(both, submission, images, tmp_path, capsys):
    scored = (f"members=[{both[0]}]", "images=val", "worst=0")
    ensemble(*scored, f"datasets.root={images}", f"output={tmp_path / 'val'}")
    assert "Scores of 2 images" in capsys.readouterr().out
    provenance = json.loads((tmp_path / "val/provenance.json").read_text())
    assert provenance["validation"]["hmean"] == pytest.approx(1.0)
    assert provenance["settings"]["models"]["head"]["unclip"] == "ratio"
    ensemble(f"members=[{submission}]", "images=test", f"datasets.root={images}", f"output={tmp_path / 'test'}")
    assert "Scores" not in capsys.readouterr().out


@pytest.mark.parametrize(("split", "trained"), [("train", True), ("val", False)])
def test_scores_of_training_images_are_warned_of_and_marked_in_the_ledger(tmp_path, split, trained, caplog):
    """Two of two images trained one of the members; those of val have other pixels and the same names."""
    for number, written in enumerate(("train", "val")):
        write_split(tmp_path / "data", written, {name: (100 + number, 90, words) for name, words in WORDS.items()})
    checkpoint = tmp_path / "best.ckpt"
    torch.save({"config": {"datasets": {"root": str(tmp_path / "data")}}, "state_dict": {}}, checkpoint)
    source = {"checkpoint": str(checkpoint), "checkpoint_sha256": file_sha256(checkpoint)}
    write_maps(tmp_path / "first", tmp_path / "data", split, (SHARP, SHARP), source)
    write_maps(tmp_path / "second", tmp_path / "data", split, (SHARP, SHARP))
    members = f"members=[{tmp_path / 'first'},{tmp_path / 'second'}]"
    for number, given in enumerate((f"images={split}", f"annotations={tmp_path / 'data/jsons' / split}.json")):
        caplog.clear()
        output = tmp_path / f"out_{number}"
        ensemble(members, given, f"datasets.root={tmp_path / 'data'}", f"output={output}")
        said = "2 of these 2 images were trained on: their scores say nothing about new images" in caplog.text
        settings = json.loads((output / "provenance.json").read_text())["settings"]
        assert (said, settings.get("validation")) == (trained, "training images" if trained else None)


def test_images_that_cannot_be_read_are_counted_among_all(training, data, tmp_path, caplog):
    (tmp_path / "new").mkdir()
    shutil.copy(data / "images/val/val_0.png", tmp_path / "new")
    (tmp_path / "new/broken.png").write_bytes(b"nothing")
    with caplog.at_level("INFO"), pytest.raises(SystemExit) as exit_:
        ensemble(f"members=[{training.best}]", f"images={tmp_path / 'new'}", f"output={tmp_path / 'csv'}")
    assert exit_.value.code == 3
    assert "2 images, 1 unreadable; predictions are in" in caplog.text


def test_the_hybrid_has_two_checkpoints_at_several_scales():
    config = configured("ensemble=hybrid", "hybrid.resnet50=a.ckpt", "hybrid.hrnet=b.ckpt")
    assert [member.path for member in config.members] == ["a.ckpt", "b.ckpt"]
    assert sum(config.weights) == 1
    assert len(config.tta.scales) > 1
