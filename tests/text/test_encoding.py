"""The order in which bytes are tried as text, and what is said of a guess."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.encoding import declared_in_markup, decode, is_not_text, known_encoding

TEXT = "Où est l’été? À côté – c’est tout près, 20 €.\n"


@pytest.mark.parametrize(
    ("data", "declared", "encoding", "is_certain"),
    [
        (codecs.BOM_UTF8 + TEXT.encode(), "koi8-r", "utf-8", True),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), None, "utf-16-le", True),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), None, "utf-16-be", True),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), None, "utf-32-le", True),
        (TEXT.encode("utf-16-le"), None, "utf-16-le", False),
        (TEXT.encode("utf-16-be"), None, "utf-16-be", False),
        (TEXT.encode(), "iso-8859-1", "utf-8", True),
        (TEXT.encode("cp1252"), None, "cp1252", False),
        (TEXT.encode("cp1252"), "latin1", "cp1252", True),
        (TEXT.encode("cp1252"), "utf-8", "cp1252", False),
        (TEXT.encode("cp1252"), "no-such-thing", "cp1252", False),
        (TEXT.encode("cp1258", "replace"), "windows-1258", "cp1258", True),
    ],
)
def test_encodings_are_tried_in_order(data: bytes, declared: str | None, encoding: str, is_certain: bool) -> None:
    decoded = decode(data, declared)
    assert (decoded.encoding, decoded.is_certain, decoded.undecodable) == (encoding, is_certain, ())
    assert decoded.text.endswith("€.\n") or encoding == "cp1258"


@pytest.mark.parametrize(
    ("text", "encodings"),
    [
        ("¿Puedo traer mi propia bicicleta? Sí, también en el tren.", "cp1252 cp850"),
        ("Posso levar a bagagem de mão? Não é permitida.", "cp1252"),
        ("Peut-on venir à vélo ? Oui, dès l’été, « à côté ».", "cp1252"),
        ("Wie groß ist der Kürbis? Höchstens zwölf Kilo.", "cp1252 cp850"),
        ("Missä sauna on? Järven äärellä, vieressä.", "cp1252"),
        ("Má být člun v zimě pod střechou? Vždy, říká správce.", "cp1250 iso8859-2"),
        ("Czy kajak może leżeć na śniegu? Nie, pęka.", "cp1250 iso8859-2"),
        ("Hány evező jár hozzá? Kettő, és egy tartalék is előkerülhet.", "cp1250 iso8859-2"),
        ("Smije li pas u čamac? Može, ako nosi prsluk, kaže vlasnik šume.", "cp1250 iso8859-2"),
        ("Kayık kaç kişilik? Üç kişi, çocuklar için de uygun, ağır değil.", "cp1254"),
        ("Можно ли взять лодку на ночь? Да, по записке.", "cp1251 koi8-r cp866"),
        ("Чи є тут їжа? Її можна купити в хаті біля річки, якщо відчинено.", "koi8-u"),
        ("Можно ли взять лодку на ночь, если нет весла? Да, но верните её к утру.", "koi8-r"),
        ("Μπορώ να πάρω βάρκα; Ναι, κάθε Κυριακή.", "cp1253"),
    ],
)
def test_a_text_without_label_is_read_in_the_encoding_of_its_language(text: str, encodings: str) -> None:
    for encoding in encodings.split():
        assert decode(text.encode(encoding)).text == text, encoding


def test_japanese_in_seven_bits_is_read_when_it_is_declared() -> None:
    assert decode("風邪とは何ですか".encode("iso2022_jp"), "ISO-2022-JP").text == "風邪とは何ですか"


def test_numbers_in_binary_are_no_utf_16() -> None:
    assert is_not_text(decode(b"".join(i.to_bytes(4, "little") for i in range(2000))).text)


@pytest.mark.parametrize("label", ["rot13", "zlib", "unicode_escape", "punycode", "idna", "utf-7", "", "\x00", "é" * 9])
def test_codecs_that_are_no_character_sets_are_not_asked(label: str) -> None:
    assert known_encoding(label) is None


@pytest.mark.parametrize(
    ("head", "label"),
    [
        (b"<meta charset=gbk>", "gbk"),
        (b'<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=Shift_JIS">', "Shift_JIS"),
        (b"<?xml version='1.0' encoding='koi8-r'?>", "koi8-r"),
        (b"<p>charset=utf-16</p>", None),
        (b"<meta " * 900 + b"charset=gbk>", None),
    ],
)
def test_pages_declare_their_encoding(head: bytes, label: str | None) -> None:
    assert declared_in_markup(head) == label


@given(st.binary(max_size=300), st.sampled_from([None, "gbk", "utf-16", "iso-2022-jp", "big5", "x"]))
def test_any_bytes_become_text_that_can_be_stored(data: bytes, declared: str | None) -> None:
    decode(data, declared).text.encode()
