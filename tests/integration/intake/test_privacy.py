"""Personal data: under the vault, and in no other column of intake."""

import json
from typing import Any

import pytest

from shared.privacy.encryption import Unreadable
from tests.factories import EMAIL, NIK, PHONE, complaint_id_of, full_posting, posting, record
from tests.integration.intake.parts import CONTACTS, Intake

CANARIES = {
    "name": "Kenari Kuning",
    "nik": "3671054508900003",
    "phone": "0812-1111-2222",
    "email": "kenari@contoh.id",
    "phone in the text": "0813 3333 4444",
    "e-mail in the text": "kicau@contoh.id",
    "card in the text": "4111 1111 1111 1111",
    "phone in the address": "021-5557777",
}


def canary_posting(**changes: Any) -> dict[str, Any]:
    """A complaint with personal data wherever a citizen may put it."""
    given = full_posting(
        text="Jalan rusak, hubungi 0813 3333 4444 atau kicau@contoh.id, NIK 3671054508900003, 4111 1111 1111 1111",
        reporter={name: CANARIES[name] for name in ("name", "nik", "phone", "email")},
    )
    given["location"]["address"] = "Jl. Mawar 5, telp 021-5557777"
    return given | changes


async def everything(intake: Intake) -> str:
    """Every column of every table of intake as text, and the bytes of each as text too."""
    async with intake.database.acquire() as connection:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'intake'")
        rows = [
            row["whole"]
            for table in tables
            for row in await connection.fetch(f"SELECT t::text AS whole FROM {table['tablename']} AS t")  # noqa: S608
        ]
    return "\n".join(rows)


async def test_personal_data_is_in_no_column_that_can_be_read(intake: Intake) -> None:
    given = canary_posting()
    await intake.read(
        record(given),
        record(given | {"text": f"{given['text']} lagi"}),
        record(json.dumps(canary_posting()).encode()[:-1]),
        record(canary_posting(text=7)),
        record(canary_posting(submitted_at="1999-01-01T00:00:00Z")),
    )
    assert sorted(await intake.reasons()) == ["id_conflict", "not_json", "schema", "time_out_of_range"]
    stored = await everything(intake)
    assert given["complaint_id"] in stored
    for where, canary in CANARIES.items():
        for spelling in (canary, canary.encode().hex(), canary.replace("-", "").replace(" ", "")):
            assert spelling not in stored, where


async def test_the_planted_data_would_be_found(intake: Intake) -> None:
    """The control of the test above."""
    await intake.read(record(posting(channel=CANARIES["name"])))
    assert CANARIES["name"] in await everything(intake)


async def test_contact_and_original_words_are_in_the_vault(intake: Intake) -> None:
    given = canary_posting()
    await intake.read(record(given))
    assert await intake.secret(complaint_id_of(given)) == {
        "reporter": given["reporter"],
        "text": given["text"],
        "location": {name: given["location"][name] for name in ("address", "kecamatan", "kelurahan")},
    }


async def test_a_contact_opens_for_its_own_complaint_only(intake: Intake) -> None:
    given = full_posting()
    await intake.read(record(given))
    [row] = await intake.rows("contacts")
    with pytest.raises(Unreadable):
        CONTACTS.open(row["sealed"], bound_to=f"contacts/{complaint_id_of(posting())}")


async def test_words_that_masking_left_alone_are_not_kept_twice(intake: Intake) -> None:
    given = full_posting()
    await intake.read(record(given))
    assert await intake.secret(complaint_id_of(given)) == {
        "reporter": {"name": "Siti Aminah", "nik": NIK, "phone": PHONE, "email": EMAIL}
    }


@pytest.mark.parametrize("reporter", [None, {}, {"name": None}])
async def test_an_anonymous_complaint_without_numbers_has_nothing_in_the_vault(
    intake: Intake, reporter: dict[str, Any] | None
) -> None:
    await intake.read(record(posting(reporter=reporter)))
    assert len(await intake.rows("complaints")) == 1
    assert await intake.rows("contacts") == []


async def test_the_event_carries_text_and_address_masked(intake: Intake) -> None:
    await intake.read(record(canary_posting()))
    [event] = await intake.events()
    assert event["text_masked"] == "Jalan rusak, hubungi [TELP] atau [EMAIL], NIK [NIK], [KARTU]"
    assert event["location"]["address"] == "Jl. Mawar 5, telp [TELP]"


async def test_the_same_reporter_has_the_same_reference_and_another_has_another(intake: Intake) -> None:
    phones = ["0812-1111-2222", "+62 812 1111 2222", "0812-1111-2223"]
    await intake.read(*[record(posting(reporter={"phone": phone})) for phone in phones])
    first, second, third = (event["reporter_ref"] for event in await intake.events())
    assert first == second != third


async def test_the_reporters_own_name_and_contacts_in_addresses_of_photos_are_masked(intake: Intake) -> None:
    given = full_posting(
        text="Saya siti aminah, warga Cipondoh, melapor jalan rusak",
        attachments=[{"url": "https://foto.contoh.id/siti.aminah@contoh.id/081234567890.jpg"}],
    )
    await intake.read(record(given))
    [event] = await intake.events()
    assert event["text_masked"] == "Saya [NAMA], warga Cipondoh, melapor jalan rusak"
    assert "081234567890" not in event["attachments"][0]["url"]
    assert "siti.aminah" not in event["attachments"][0]["url"]
    assert (await intake.secret(complaint_id_of(given)))["attachments"] == [given["attachments"][0]["url"]]
