"""The departments (OPD) of Kota Tangerang that a complaint may be routed to: codes and the names citizens read."""

from types import MappingProxyType

DEPARTMENTS = MappingProxyType(
    {
        "BKPSDM": "Badan Kepegawaian dan Pengembangan SDM",
        "BPBD": "Badan Penanggulangan Bencana Daerah",
        "BPKD": "Badan Pengelola Keuangan Daerah",
        "DINKES": "Dinas Kesehatan",
        "DINSOS": "Dinas Sosial",
        "DISBUDPAR": "Dinas Kebudayaan, Pariwisata dan Pertamanan",
        "DISDIK": "Dinas Pendidikan",
        "DISDUKCAPIL": "Dinas Kependudukan dan Pencatatan Sipil",
        "DISHUB": "Dinas Perhubungan",
        "DISNAKER": "Dinas Ketenagakerjaan",
        "DKP": "Dinas Ketahanan Pangan",
        "DLH": "Dinas Lingkungan Hidup",
        "DP3AP2KB": "Dinas Pemberdayaan Perempuan, Perlindungan Anak, Pengendalian Penduduk dan KB",
        "DPMPTSP": "Dinas Penanaman Modal dan Pelayanan Terpadu Satu Pintu",
        "KOMINFO": "Dinas Komunikasi dan Informatika",
        "PDAM": "Perumda Tirta Benteng",
        "PERINDAGKOP": "Dinas Perindustrian, Perdagangan, Koperasi dan UKM",
        "PERKIMTAN": "Dinas Perumahan, Permukiman dan Pertanahan",
        "PUPR": "Dinas Pekerjaan Umum dan Penataan Ruang",
        "SATPOLPP": "Satuan Polisi Pamong Praja",
        "SETDA": "Sekretariat Daerah",
        "WILAYAH": "Kecamatan / Kelurahan",
    }
)

REVIEW = "TLR"
"""Tangerang Live Room: stands for "no department yet" in metrics; an operator there decides."""
