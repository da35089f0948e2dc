"""The same tables on every Python: the supported versions agree about every character that the oldest of them knows.

Python 3.11 knows Unicode 14, 3.12 knows 15, 3.13 knows 15.1. Characters newer than 14 are kept as they are, but a newer
Python takes some of them for letters, so text with them may be read in another way there. A run under another version
of Unicode builds everything again.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

from pipeline.storage import rules_digest

NEWER_THAN_14 = (
    "CF3 ECE 2FFC-2FFF 31EF 10EFD-10EFF 1123F-11241 11B00-11B09 11F00-11F10 11F12-11F3A 11F3E-11F59 1342F 13439-13455 "
    "1B132 1B155 1D2C0-1D2D3 1DF25-1DF2A 1E030-1E06D 1E08F 1E4D0-1E4F9 1F6DC 1F774-1F776 1F77B-1F77F 1F7D9 1FA75-1FA77 "
    "1FA87-1FA88 1FAAD-1FAAF 1FABB-1FABD 1FABF 1FACE-1FACF 1FADA-1FADB 1FAE8 1FAF7-1FAF8 2B739 2EBF0-2EE5D 31350-323AF"
)
# Modifier letters that Unicode 15 calls small letters; the rules ask for the case of letters of words alone.
CHANGED_CASE = "\u10fc\ua7f2\ua7f3\ua7f4\uab69"
# What the rules ask of a character, under Python 3.11.7, 3.12.1 and 3.13.0.
AGREED = "3eab7758dec4d4ac9d39048604ea208ef99fe8c7872ea2d4b1e6a603e32399e7"

CLASSES = [re.compile(one) for one in (r"\w", r"\s", r"\d", "[A-Z]")]


def properties(character):
    is_ = (character.isalnum(), character.isalpha(), character.isdigit(), character.isdecimal(), character.isspace())
    case = (character.islower(), character.isupper()) if character not in CHANGED_CASE else ()
    changed = (character.lower(), character.upper(), character.casefold())
    normal = [unicodedata.normalize(form, character) for form in ("NFC", "NFD", "NFKC", "NFKD")]
    matched = [bool(one.match(character)) for one in CLASSES]
    more = unicodedata.category(character), unicodedata.combining(character), character.isprintable()
    return repr((character, is_, case, changed, normal, matched, more))


def test_every_supported_python_says_the_same_of_every_character_of_unicode_14():
    newer = set()
    for part in NEWER_THAN_14.split():
        first, _, last = part.partition("-")
        newer |= set(range(int(first, 16), int(last or first, 16) + 1))
    digest = hashlib.sha256()
    for code in sorted(set(range(0x110000)) - newer):
        if unicodedata.category(chr(code)) != "Cn":
            digest.update(properties(chr(code)).encode("utf-8", "surrogatepass"))
    assert digest.hexdigest() == AGREED


def test_a_run_under_another_version_of_unicode_builds_everything_again(monkeypatch):
    here = rules_digest.rules_digest.__wrapped__(())
    monkeypatch.setattr(unicodedata, "unidata_version", "99.0")
    assert rules_digest.rules_digest.__wrapped__(()) != here
