"""A life at risk now goes to the rescuers at once; the past, the feared, the asked about and the figurative do not."""

import pytest

from services.router.model.classifier import Classifier
from services.router.model.text import Normaliser
from services.router.taxonomy.rules import Emergency, Rules, load_rules_of_texts
from services.router.taxonomy.tables import load_abbreviations, load_topics
from services.router.training.dataset import load_corpus
from tests.unit.router.conftest import TODAY

FIRES = [
    ("kebakaran", "kebakaran rumah di gang padat belakang pasar, api besar"),
    ("kebakaran", "Tolong pak ada kebakaran di gudang kasur sebelah pabrik"),
    ("kebakaran", "rumah tetangga terbakar, mobil pemadam belum datang"),
    ("kebakaran", "Api membesar di lapak rongsok, merembet ke kontrakan"),
    ("kebakaran", "kios bensin kebakaran cepetan kirim damkar"),
    ("kebakaran", "keluar percikan api dari trafo depan sekolah"),
    ("kebakaran", "Minggu lalu sudah dipadamkan, sekarang gudangnya terbakar lagi"),
    ("kebakaran", "apakah bisa kirim pemadam, dapur warung terbakar dan apinya makin besar"),
    ("banjir", "air sudah sedada di rumah, kami berlima di lantai atas"),
    ("banjir", "Banjir terus naik, nenek saya lansia tidak bisa jalan, butuh perahu"),
    ("banjir", "kami terjebak banjir di lantai dua bersama bayi"),
    ("banjir", "tanggul jebol, air masuk ke perumahan"),
    ("banjir", "tiap hujan memang banjir tapi sekarang air sepinggang dan makin tinggi"),
    ("banjir", "Mohon dievakuasi, rumah terendam banjir sampai jendela"),
    ("listrik", "kabel listrik menjuntai kena air"),
    ("listrik", "kabel PLN putus jatuh ke jalan yang tergenang air"),
    ("listrik", "anak saya kesetrum tiang lampu taman"),
    ("listrik", "pagar sekolah dialiri listrik, dua murid tersengat listrik"),
    ("listrik", "kabel listrik putus melintang di jalan"),
    ("ular", "ada ular kobra di kamar mandi"),
    ("ular", "Ular sanca masuk ke plafon rumah, tolong evakuasi"),
    ("ular", "ulo gedhe mlebu kandang, warga wedi"),
    ("ular", "bapak saya digigit ular barusan"),
    ("tawon", "sarang tawon sebesar ember di pohon depan posyandu"),
    ("tawon", "Tiga anak disengat tawon di halaman sekolah"),
    ("tawon", "mohon dimusnahkan tawon yang bersarang di atap kelas"),
    ("pohon", "pohon tumbang menimpa rumah warga, masih ada orang di dalam"),
    ("pohon", "pengendara motor tertimpa dahan pohon di jalan raya"),
    ("pohon", "pohon roboh, dua orang terjepit di dalam mobil"),
    ("gas", "gas elpiji bocor di kontrakan sebelah, baunya menyengat"),
    ("gas", "ada kebocoran amonia di pabrik es, warga sesak"),
    ("runtuh", "atap kelas ambruk, ada murid tertimpa"),
    ("runtuh", "pekerja tertimbun tanah galian sumur"),
    ("tenggelam", "Anak tenggelam di kali belakang rumah"),
    ("tenggelam", "ada orang hanyut terbawa arus Cisadane"),
    ("tenggelam", "bocah tercebur sumur, masih kedengaran suaranya"),
    ("terjebak", "empat orang terjebak di lift apartemen"),
    ("terjebak", "sopir truk terjepit kemudi setelah tabrakan"),
    ("terjebak", "ada pemuda mau loncat dari jembatan"),
]
DOES_NOT_FIRE = [
    "lampu jalan mati",
    "Lampu jalan di depan SDN 3 Cipondoh mati sudah seminggu, mohon diperbaiki",
    "pohon tumbang minggu lalu minta diangkut",
    "pohon tumbang di pinggir lapangan, batangnya belum dipotong",
    "warga kebakaran jenggot gara-gara parkir liar",
    "tetangga bakar sampah tiap sore, asapnya masuk rumah",
    "Pembakaran sampah di lahan kosong bikin sesak",
    "bagaimana cara mengurus izin proteksi kebakaran gedung",
    "Apa syarat sertifikat laik kebakaran untuk ruko?",
    "minta pelatihan dan simulasi kebakaran untuk warga RT",
    "kami korban kebakaran tahun lalu belum dapat bantuan",
    "Kebakaran di pasar bulan lalu sampai kini kiosnya belum dibangun",
    "Terima kasih kepada pemadam, kebakaran di gang kami kemarin cepat padam",
    "hidran kering, khawatir terjadi kebakaran",
    "kalau kebakaran mobil damkar tidak bisa masuk gang",
    "mobil pemadam kebakaran parkir menutup jalan kampung",
    "setiap hujan air naik ke jalan karena got mampet",
    "Banjir sering terjadi di depan pasar, mohon saluran dikeruk",
    "pasca banjir sampah menumpuk di depan rumah",
    "Bantuan korban banjir belum merata",
    "kabel wifi menjuntai di depan gang",
    "Kabel telkom semrawut dan menjuntai ke jalan",
    "takut kesetrum, tolong kabel lampu dirapikan",
    "orang nyetrum ikan di situ, tolong dirazia",
    "anak-anak main ular tangga di pos ronda",
    "antrean mengular sampai ke jalan",
    "semak di lahan kosong sebelah takut ada ular",
    "Ular di rumah kami kemarin sudah ditangkap petugas, terima kasih",
    "usaha ternak lebah madu mau daftar bantuan",
    "sarang tawon minggu lalu sudah dibasmi petugas, mantap",
    "Pohon rindang tolong dipangkas sebelum menimpa rumah warga",
    "dahan pohon hampir menimpa kabel, mohon dipangkas",
    "gas elpiji 3 kg langka dan mahal",
    "atap kelas bocor, takut roboh",
    "rumah kakek mau roboh, kapan bantuan bedah rumah",
    "pipa PDAM bocor, air terbuang ke jalan",
    "air di meter berputar terus padahal keran ditutup",
    "anak saya tenggelam dalam kesibukan main game",
    "tutup got hilang, takut anak kecebur",
    "terjebak macet dua jam di perempatan",
    "saya terjebak pinjol dan butuh bantuan",
    "Berapa lama petugas sampai kalau ada ular masuk rumah?",
    "usulan pengadaan perahu karet untuk kelurahan rawan banjir",
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules_of_texts()


def emergency(rules: Rules, text: str) -> Emergency | None:
    return rules.read(Normaliser(load_abbreviations()).words(text)).emergency


@pytest.mark.parametrize(("kind", "text"), FIRES)
def test_a_life_at_risk_is_an_emergency_of_its_kind(rules: Rules, kind: str, text: str) -> None:
    found = emergency(rules, text)
    assert found is not None
    assert found.kind == kind


@pytest.mark.parametrize("text", DOES_NOT_FIRE)
def test_what_is_past_feared_asked_or_figurative_is_no_emergency(rules: Rules, text: str) -> None:
    assert emergency(rules, text) is None


def test_the_trigger_is_the_words_of_the_text_that_the_table_names(rules: Rules) -> None:
    found = emergency(rules, "Kabel listrik milik Pak Budi menjuntai kena air")
    assert found is not None
    assert found.trigger == "kabel menjuntai air"


def test_fewer_than_one_in_two_hundred_of_other_departments_complaints_is_called_an_emergency(rules: Rules) -> None:
    """Some of them are emergencies that another department happens to own, such as a live wire in a tree."""
    others = [row for row in load_corpus() if row.department != "BPBD"]
    assert sum(emergency(rules, row.text) is not None for row in others) < len(others) / 200


@pytest.mark.parametrize("city", ["tangerang", "surabaya", "kab_bandung"])
def test_every_topic_that_an_emergency_has_belongs_to_the_rescuers(rules: Rules, city: str) -> None:
    owners = load_topics(city, TODAY).department_of
    found = [emergency(rules, text) for _, text in FIRES]
    assert {owners[one.topic] for one in found if one is not None} == {"BPBD"}


def test_an_emergency_goes_to_the_rescuers_whatever_the_model_thinks(classifier: Classifier) -> None:
    """The small model does not even know that department."""
    routing = classifier.classify(["kabel listrik menjuntai kena air di jalan berlubang"])[0]
    assert (routing.decision, routing.department, routing.urgency) == ("emergency", "BPBD", "emergency")
    assert [(term.term, term.weight) for term in routing.why] == [("kabel menjuntai air", 1.0)]
    assert "BPBD" in {one.department for one in routing.alternatives}
    assert (routing.office, routing.responsible_body, len(routing.alternatives)) == (None, None, 3)


def test_danger_without_a_life_at_risk_is_urgent_and_no_emergency(classifier: Classifier) -> None:
    routing = classifier.classify(["pohon besar sudah miring dan hampir roboh, mohon dipangkas"])[0]
    assert (routing.decision != "emergency", routing.urgency) == (True, "high")
