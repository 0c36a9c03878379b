"""Shipped weights: pieces and hashes there and back, and every kind of damage by the file's name."""

import errno
import hashlib
import json

import pytest
import torch

from baseline_code.weights import shipped
from baseline_code.weights.errors import PretrainedWeightsError
from baseline_code.weights.shipped import read_shipped, ship

STATE = {
    "conv.weight": torch.linspace(-2, 2, 600).reshape(20, 30),
    "bn.running_var": torch.tensor([1e-12, 1e9]),
    "bn.num_batches_tracked": torch.tensor(70_000),
}


@pytest.fixture
def root(tmp_path):
    """A folder with one encoder's weights: 1,200 bytes of a matrix and a header, in pieces of 500."""
    ship(STATE, tmp_path / "tiny", encoder="tiny", source={"commit": "abc"}, piece_bytes=500)
    return tmp_path


def pieces(root):
    return sorted((root / "tiny").glob("part-*.bin"))


def test_weights_come_back_with_matrices_in_half_precision(root):
    loaded = read_shipped(root / "tiny")
    assert loaded["conv.weight"].dtype == torch.float16
    torch.testing.assert_close(loaded["conv.weight"].float(), STATE["conv.weight"], rtol=2**-11, atol=1e-7)
    for name in ("bn.running_var", "bn.num_batches_tracked"):  # 1e-12 and 1e9 are no half-precision numbers
        assert torch.equal(loaded[name], STATE[name])


def test_no_piece_is_larger_than_asked_for_and_the_manifest_lists_them_in_order(root):
    manifest = json.loads((root / "tiny" / "manifest.json").read_text())
    contents = [piece.read_bytes() for piece in pieces(root)]
    assert [len(content) for content in contents[:-1]] == [500] * (len(contents) - 1)
    assert 0 < len(contents[-1]) <= 500
    assert [file["name"] for file in manifest["files"]] == ["part-01.bin", "part-02.bin", "part-03.bin"]
    assert [file["bytes"] for file in manifest["files"]] == [len(content) for content in contents]
    assert manifest["sha256"] == hashlib.sha256(b"".join(contents)).hexdigest()
    assert (manifest["encoder"], manifest["source"]) == ("tiny", {"commit": "abc"})


def test_the_same_weights_give_the_same_bytes(root, tmp_path):
    ship(STATE, tmp_path / "again", encoder="tiny", source={"commit": "abc"}, piece_bytes=500)
    for piece in [*pieces(root), root / "tiny" / "manifest.json"]:
        assert (tmp_path / "again" / piece.name).read_bytes() == piece.read_bytes()


def test_smaller_weights_leave_no_piece_of_larger_ones(root):
    ship({"a": torch.zeros(1)}, root / "tiny", encoder="tiny", source={}, piece_bytes=500)
    assert [piece.name for piece in pieces(root)] == ["part-01.bin"]
    assert set(read_shipped(root / "tiny")) == {"a"}


def test_weights_that_cannot_be_written_leave_earlier_ones_whole(root, monkeypatch):
    before = {path.name: path.read_bytes() for path in (root / "tiny").iterdir()}
    write = shipped.write_bytes_atomic

    def full_at_the_second_piece(path, data):
        if path.name == "part-02.bin":
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        write(path, data)

    monkeypatch.setattr(shipped, "write_bytes_atomic", full_at_the_second_piece)
    with pytest.raises(OSError, match="No space left"):
        ship({"conv.weight": torch.zeros(20, 30)}, root / "tiny", encoder="tiny", source={}, piece_bytes=500)
    assert {path.name: path.read_bytes() for path in (root / "tiny").iterdir()} == before


def test_a_flipped_bit_and_a_missing_piece_are_found_and_the_file_named(root):
    piece, last = pieces(root)[1:]
    content = bytearray(piece.read_bytes())
    content[100] ^= 1
    piece.write_bytes(content)
    with pytest.raises(
        PretrainedWeightsError, match=r"part-02\.bin: damaged: expected sha256 .* of 500 bytes; get the"
    ):
        read_shipped(root / "tiny")
    content[100] ^= 1
    piece.write_bytes(content)
    last.unlink()
    with pytest.raises(
        PretrainedWeightsError, match=r"part-03\.bin: expected a piece of shipped weights, No such file"
    ):
        read_shipped(root / "tiny")


def rewrite(root, change):
    path = root / "tiny" / "manifest.json"
    manifest = json.loads(path.read_text())
    change(manifest)
    path.write_text(json.dumps(manifest))


JOINED = r"manifest\.json: expected the joined pieces to have its sha256"
BESIDE = r"manifest\.json: expected .* the name of a file beside it"
UNREAD = r"manifest\.json: expected a manifest .* could not read it"
ELSEWHERE = ["../part-01.bin", "/etc/passwd", "x/part-01.bin", "", "..", "a\\b", "a\0b", 3, None]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda manifest: manifest["files"].pop(), JOINED),
        (lambda manifest: manifest["files"].reverse(), JOINED),
        *((lambda manifest, key=key: manifest.pop(key), UNREAD) for key in ("encoder", "files", "sha256", "source")),
        (lambda manifest: manifest.update(encoder=3), UNREAD),
        (lambda manifest: manifest.update(source="d"), UNREAD),
        (lambda manifest: manifest.update(sha256=None), UNREAD),
        (lambda manifest: manifest.update(files={}), UNREAD),
        (lambda manifest: manifest.update(files=[3]), UNREAD),
        *((lambda manifest, name=name: manifest["files"][0].update(name=name), BESIDE) for name in ELSEWHERE),
    ],
)
def test_a_manifest_of_other_pieces_fields_or_folders_is_refused(root, change, message):
    rewrite(root, change)
    with pytest.raises(PretrainedWeightsError, match=message):
        read_shipped(root / "tiny")


def test_a_manifest_that_is_no_json_is_named(root):
    (root / "tiny" / "manifest.json").write_text("version https://git-lfs")
    with pytest.raises(PretrainedWeightsError, match=r"manifest\.json: expected a manifest of shipped weights"):
        read_shipped(root / "tiny")


@pytest.mark.parametrize("value", [1e5, float("nan"), float("inf")])
def test_numbers_that_half_precision_does_not_have_are_refused(tmp_path, value):
    with pytest.raises(ValueError, match=r"expected finite weights within half precision, got .* in 'a\.weight'"):
        ship({"a.weight": torch.full((2, 2), value)}, tmp_path, encoder="tiny", source={})
