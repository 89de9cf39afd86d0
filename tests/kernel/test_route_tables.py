"""Where names of routing tables come from."""

from pathlib import Path

from halod.kernel.route_tables import TableNames, directories


def test_folders_of_the_file_stand_in_for_the_usual_ones(tmp_path: Path) -> None:
    usr, etc = tmp_path / "usr", tmp_path / "etc"
    for folder, number in ((usr, 100), (etc, 200)):
        (folder / "rt_tables.d").mkdir(parents=True)
        (folder / "rt_tables").write_text(f"{number} blue\n")
    (usr / "rt_tables.d" / "more.conf").write_text("300 green\n")
    names = TableNames(directories(str(usr), str(etc)))
    assert [names.number(name) for name in ("blue", "green", "main")] == [200, 300, 254]
    assert TableNames(directories(str(usr), str(tmp_path))).number("blue") == 100


def test_one_alone_leaves_the_other_as_it_is() -> None:
    usual = directories("", "")
    assert directories("/a", "") == (Path("/a"), usual[-1])
    assert directories("", "/b") == (*usual[:-1], Path("/b"))
