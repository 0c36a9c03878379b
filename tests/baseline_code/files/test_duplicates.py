"""Equal bytes are found, and little is read for it."""

from baseline_code.files.duplicates import FileContent, file_sha256, match_contents


def write(folder, *contents):
    for number, content in enumerate(contents):
        (folder / f"{number}.bin").write_bytes(content)
    return [FileContent(folder / f"{number}.bin") for number in range(len(contents))]


def test_each_is_matched_with_the_first_of_the_same_bytes(tmp_path):
    a, b, long, also_a = write(tmp_path, b"aaa", b"bbb", b"longer", b"aaa")
    assert match_contents([also_a, long, b], [b, a, also_a]) == [1, None, 0]
    assert (match_contents([], [a]), match_contents([a], [])) == ([], [None])


def test_nothing_is_read_of_files_whose_size_no_other_has(tmp_path):
    a, b, long, longest = write(tmp_path, b"aaa", b"bbb", b"longer", b"the longest")
    assert match_contents([a, long], [b, longest]) == [None, None]
    assert ["digest" in vars(content) for content in (a, b, long, longest)] == [True, True, False, False]


def test_the_fingerprint_of_a_file_is_the_sha256_of_its_bytes(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert file_sha256(tmp_path / "file") == digest
