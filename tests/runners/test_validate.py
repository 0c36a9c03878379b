"""`runners/validate.py`: names each fault of a submission, by its status too."""

from tests.commands import output, run


def test_what_predict_wrote_is_valid(predicted, data):
    result = run("validate", f"submission={predicted / 'submission.csv'}", f"annotations={data / 'jsons/val.json'}")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "submission.csv: valid, 3 images" in output(result)


def test_every_fault_is_named_and_the_status_is_1(data, tmp_path):
    rows = ["filename,polygons", "val_1.png,1 1 9 1 9 9", "val_0.png,1 1 5 5 9 9 12 12", "val_0.png,-1 1 9 1 9 9 1 9"]
    (tmp_path / "bad.csv").write_text("\n".join(rows) + "\n")
    result = run("validate", f"submission={tmp_path / 'bad.csv'}", f"annotations={data / 'jsons/val.json'}")
    said = output(result)
    assert result.returncode == 1
    assert "Traceback" not in said
    for fault in (
        "row 2, 'val_1.png': polygon 1: expected at least 4 points",
        "row 3, 'val_0.png': polygon 1: ",  # collinear
        "row 4: expected each image once, got 'val_0.png' again",
        "row 4, 'val_0.png': polygon 1: ",  # outside
        "missing image 'val_2.png'",
        "expected the order of the annotation file",
    ):
        assert fault in said
