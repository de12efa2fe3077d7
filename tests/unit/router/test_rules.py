"""Reports that need care, and bodies outside the city, are recognised from the words of a table."""

import pytest

from services.router.model.classifier import Classifier
from services.router.model.text import Normaliser
from services.router.taxonomy.rules import Findings, Rules, load_rules_of_texts
from services.router.taxonomy.tables import load_abbreviations
from services.router.training.dataset import load_corpus

SENSITIVE = [
    "Saya korban KDRT, mohon jangan telepon saya",
    "tetangga tiap malam dipukuli suaminya",
    "suami menampar dan mengancam istri di depan anak",
    "anak kecil di kontrakan sebelah sering disundut rokok",
    "Bapaknya memukuli anak sampai lebam",
    "anak di bawah umur dipaksa mengemis di lampu merah",
    "guru ngaji melakukan pencabulan terhadap santri",
    "penumpang perempuan dilecehkan di angkot",
    "oknum petugas minta uang 300 ribu supaya berkas cepat",
    "pegawai loket meminta amplop untuk tanda tangan",
    "Pungli di kelurahan, diminta bayar 100 ribu",
    "pejabat menerima suap proyek jalan",
    "kami disuruh bayar uang pelicin",
    "dana desa dikorupsi oknum lurah",
]
NOT_SENSITIVE = [
    "lampu jalan mati",
    "kapan jadwal penyuluhan kdrt di kelurahan",
    "petugas minta fotokopi KTP dua kali",
    "anak saya belum dapat imunisasi",
    "petugas sampah minta warga memilah sampah",
    "parkir liar depan pasar, tarifnya mahal",
    "suami saya belum dapat kartu BPJS",
    "istri saya mau melahirkan, puskesmas tutup",
    "iuran RT naik tanpa musyawarah",
    "anak jalanan tidur di kolong jembatan",
    "terima kasih petugas yang sabar",
    "retribusi pasar dinaikkan tanpa karcis",
]
OUTSIDE = [
    ("PLN", "listrik padam dari semalam di perumahan kami"),
    ("PLN", "mati lampu se RT sudah tiga jam"),
    ("PLN", "token listrik tidak bisa dimasukkan"),
    ("PLN", "tiang pln keropos di depan rumah"),
    ("Telkom atau penyedia internet", "indihome mati sudah dua hari"),
    ("Telkom atau penyedia internet", "tiang telkom miring mau jatuh"),
    ("pengelola jalan nasional (BBPJN)", "jalan nasional berlubang besar"),
    ("pengelola jalan provinsi (DPUPR Provinsi Banten)", "jalan provinsi rusak parah banyak kecelakaan"),
    ("pengelola jalan tol", "jalan tol berlubang, ban mobil saya pecah"),
    ("BPJS Kesehatan", "kantor bpjs antre panjang dan denda iuran salah hitung"),
    ("Polri", "perpanjangan sim antre lama dan ada calo sim"),
    ("Polri", "polisi menilang tanpa surat"),
    ("Polri", "rumah tetangga kemalingan, motor dicuri maling di motor parkiran"),
    ("KAI", "kereta commuter telat terus tiap pagi"),
    ("KAI", "palang pintu perlintasan kereta rusak"),
    ("pengelola bandara Soekarno-Hatta", "suara pesawat bising malam hari"),
    ("Samsat (Bapenda Provinsi Banten)", "samsat tutup lebih awal"),
    ("Samsat (Bapenda Provinsi Banten)", "pajak kendaraan saya salah data"),
    ("kantor imigrasi", "antrean paspor penuh terus"),
    ("BPN", "sertifikat ptsl belum jadi sudah dua tahun"),
    ("Kementerian Agama (KUA)", "kua minta biaya nikah tambahan"),
    ("provinsi (SMA dan SMK)", "pungutan komite di smk negeri memberatkan"),
]
OURS = [
    "lampu jalan mati di depan rumah warga",
    "Lampu PJU padam sudah seminggu, gelap",
    "pohon menyentuh kabel PLN mohon dipangkas",
    "jalan berlubang dekat pintu tol",
    "jalan rusak di bawah kolong tol sudah lama",
    "BPJS PBI saya nonaktif, mohon diaktifkan",
    "parkir liar di depan stasiun",
    "polisi tidur terlalu tinggi di gang kami",
    "satuan polisi pamong praja belum menertibkan pedagang",
    "wifi publik di taman kota mati",
    "PBB salah nama pemilik, mohon balik nama",
    "bank sampah di RW kami tutup",
    "jalan di depan smk berlubang",
    "akta kelahiran belum jadi untuk syarat paspor",
    "meteran air rusak tagihan membengkak",
    "kabel listrik lampu jalan semrawut",
]


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_rules_of_texts()


def read(rules: Rules, text: str) -> Findings:
    return rules.read(Normaliser(load_abbreviations()).words(text))


@pytest.mark.parametrize("text", SENSITIVE)
def test_violence_abuse_and_bribes_are_sensitive_and_urgent(rules: Rules, text: str) -> None:
    findings = read(rules, text)
    assert (findings.sensitive, findings.urgent) == (True, True)


@pytest.mark.parametrize("text", NOT_SENSITIVE)
def test_everyday_complaints_are_not_sensitive(rules: Rules, text: str) -> None:
    assert not read(rules, text).sensitive


@pytest.mark.parametrize(("body", "text"), OUTSIDE)
def test_what_the_city_does_not_own_names_the_body_that_does(rules: Rules, body: str, text: str) -> None:
    assert read(rules, text).responsible_body == body


@pytest.mark.parametrize("text", OURS)
def test_what_the_city_owns_names_no_other_body(rules: Rules, text: str) -> None:
    assert read(rules, text).responsible_body is None


def test_fewer_than_one_in_two_hundred_of_the_citys_own_complaints_names_another_body(rules: Rules) -> None:
    rows = load_corpus()
    assert sum(read(rules, row.text).responsible_body is not None for row in rows) < len(rows) / 200


def test_a_body_outside_the_city_is_left_to_a_person_who_can_say_so(classifier: Classifier) -> None:
    routing = classifier.classify(["listrik padam dari semalam di perumahan kami"])[0]
    assert (routing.decision, routing.responsible_body) == ("review", "PLN")


def test_a_sensitive_report_is_marked_and_its_decision_is_left_alone(classifier: Classifier) -> None:
    text = "Lampu jalan di depan sekolah mati sudah seminggu, mohon diperbaiki"
    plain, marked = classifier.classify([text, text + ". Petugas minta uang rokok"])
    assert (plain.sensitive, marked.sensitive) == (False, True)
    assert (plain.decision, marked.department) == ("auto", "DISHUB")


def test_praise_and_questions_of_the_corpus_are_mostly_not_complaints(rules: Rules) -> None:
    """The voices `tanya` (questions) and `puji` (praise); the others are complaints but for a few."""
    share = {
        voice: sum(read(rules, row.text).complaint_class == "complaint" for row in rows) / len(rows)
        for voice in ("tanya", "puji", "app", "marah")
        if (rows := [row for row in load_corpus() if row.voice == voice])
    }
    assert share["tanya"] < 0.35
    assert share["app"] > 0.8
    assert share["marah"] > 0.9
