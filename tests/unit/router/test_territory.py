"""Territory is decided by place, and by names in the text only where they cannot be everyday words."""

from collections import Counter

import pytest

from services.router.model.classifier import Classifier, Routing
from services.router.model.place import Place
from services.router.model.text import Normaliser
from services.router.taxonomy.tables import load_abbreviations, load_topics, rows_of
from services.router.taxonomy.territory import Territory, load_territory
from services.router.training.fit import Settings, authored_examples, fit_examples
from tests.unit.router.conftest import TODAY

LETTER = "surat pengantar rt rw"
LETTER_TEXT = "ketua RT menolak tanda tangan surat pengantar, mohon ditegur"


@pytest.fixture(scope="module")
def territory() -> Territory:
    return load_territory("tangerang")


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    table = load_topics("tangerang", TODAY)
    chosen = [one for one in authored_examples(table, 0.5) if one.department in {"WILAYAH", "DISHUB", "DLH"}]
    path = tmp_path_factory.mktemp("territory") / "model.skops"
    fit_examples(chosen, table, Settings(max_words=3_000, max_chars=4_000)).save(path)
    return Classifier.load(path, on=TODAY)


def in_text(territory: Territory, text: str, topic: str = LETTER) -> str | None:
    return territory.office(topic, None, None, Normaliser(load_abbreviations()).words(text))


def test_the_city_has_thirteen_kecamatan_and_a_hundred_and_four_kelurahan() -> None:
    rows = rows_of("territory/tangerang.csv")
    assert Counter(row["level"] for row in rows) == {"kecamatan": 13, "kelurahan": 104}
    assert {row["kecamatan"] for row in rows} == {row["name"] for row in rows if row["level"] == "kecamatan"}


def test_every_office_is_found_by_its_title_and_name_in_a_text(territory: Territory) -> None:
    """The table of abbreviations writes no name in another way."""
    topics = {"kelurahan": LETTER, "kecamatan": "pelayanan kelurahan lambat"}
    for row in rows_of("territory/tangerang.csv"):
        written = f"{row['level'].capitalize()} {row['name']}"
        assert in_text(territory, f"warga {written} mengadu", topics[row["level"]]) == written


@pytest.mark.parametrize(
    ("text", "office"),
    [
        ("mohon kel. poris plawad dicek", "Kelurahan Poris Plawad"),
        ("Pak Lurah Batu Sari jarang di kantor", "Kelurahan Batusari"),
        ("warga cibodas sari resah", "Kelurahan Cibodasari"),
        ("di kunciran indah portal ditutup", "Kelurahan Kunciran Indah"),
        ("kami di Cipondoh", "Kecamatan Cipondoh"),
        ("kecamatan larangan lambat", "Kecamatan Larangan"),
        ("priuk jaya", "Kelurahan Periuk Jaya"),
    ],
)
def test_a_name_in_the_text_means_an_office(territory: Territory, text: str, office: str) -> None:
    assert in_text(territory, text) == office


@pytest.mark.parametrize(
    "text",
    [
        "barang dan benda berserakan",
        "larangan merokok",
        "petir menyambar",
        "pasar baru becek",
        "Kota Tangerang",
        "RT 5",
    ],
)
def test_everyday_words_and_the_citys_own_name_mean_no_office(territory: Territory, text: str) -> None:
    assert in_text(territory, text) is None


@pytest.mark.parametrize(
    ("place", "office"),
    [
        (("Cipondoh", "Poris Plawad"), "Kelurahan Poris Plawad"),
        (("Kec. Batu Ceper", "Kel. BATUSARI"), "Kelurahan Batusari"),
        (("Pinang", None), "Kecamatan Pinang"),
        (("Tangerang", "Entah"), "Kecamatan Tangerang"),
        (("Serpong", "Rawa Buntu"), None),
        ((None, None), None),
        (("", "[NAMA]"), None),
    ],
)
def test_a_place_means_its_smallest_office_that_the_city_knows(
    territory: Territory, place: tuple[str | None, str | None], office: str | None
) -> None:
    assert territory.office(LETTER, *place, []) == office


def test_a_complaint_about_a_kelurahan_goes_to_its_kecamatan(territory: Territory) -> None:
    assert territory.office("pelayanan kelurahan lambat", "Cipondoh", "Gondrong", []) == "Kecamatan Cipondoh"


def test_a_name_with_its_title_outweighs_the_place_and_a_name_alone_does_not(territory: Territory) -> None:
    place = ("Cipondoh", "Gondrong")
    assert territory.office(LETTER, *place, ["kelurahan", "cikokol"]) == "Kelurahan Cikokol"
    assert territory.office(LETTER, *place, ["cikokol"]) == "Kelurahan Gondrong"


def test_a_city_without_a_table_has_no_office(territory: Territory) -> None:
    assert load_territory("surabaya").office(LETTER, "Cipondoh", "Gondrong", ["kelurahan", "gondrong"]) is None


def outcome(routing: Routing) -> tuple[str, str | None, bool]:
    return routing.decision, routing.office, routing.needs_location


def test_territory_without_a_place_needs_one_and_is_left_to_a_person(classifier: Classifier) -> None:
    nowhere, somewhere = classifier.classify([LETTER_TEXT] * 2, [None, Place("Periuk", "Gembor")])
    assert (nowhere.department, somewhere.department) == ("WILAYAH", "WILAYAH")
    assert outcome(nowhere) == ("review", None, True)
    assert outcome(somewhere) == ("auto", "Kelurahan Gembor", False)


def test_other_departments_have_no_office_and_need_no_place(classifier: Classifier) -> None:
    routing = classifier.classify(["lampu jalan mati di kelurahan Gembor"], [Place("Periuk", "Gembor")])[0]
    assert (routing.department, outcome(routing)[1:]) == ("DISHUB", (None, False))


def test_places_that_are_not_as_many_as_the_texts_are_refused(classifier: Classifier) -> None:
    with pytest.raises(ValueError, match="zip"):
        classifier.classify(["a", "b"], [None])
