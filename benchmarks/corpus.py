"""Generates question-and-answer pages of any size from a word list and a seed, as input of the benchmarks.

    python benchmarks/corpus.py FOLDER --pages 20000     # small files, 7 questions each
    python benchmarks/corpus.py FILE --records 20000     # the same pages as one file of JSON lines
    python benchmarks/corpus.py FILE --mb 1000           # one file of this many megabytes
    python benchmarks/corpus.py FOLDER --crawl 20000     # small files that repeat as the pages of a crawl do

The text resembles scraped pages in what costs time. Words are as frequent as in a natural language (the n-th word has
the weight 1/n). The frequent ones are those of English, the rare ones are made of English stems, prefixes and endings
("overnoted"), because the words of a text decide how many of them are looked up. Answers have 1 to 9 sentences; a tenth
of them are bulleted, glued, cut short or surrounded by page furniture. At any size, one answer in eight repeats another
one (word for word, cut, or with a changed word), and one question in six has been asked before. All other text is new,
so the number of pairs grows with the text. One answer in four quotes a figure.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

PAIRS = 7  # questions of a small page
BLOCK = 2_000  # pairs that may be repeated, a random sample of those so far: a crawl repeats within a site

_STEMS = """act age aid arm back band bank bear bed bill bind bite bleed blood bone book bowl brain breath build burn
    calm care cell change charm chart check chest child claim clean clear clinic clock close cloth coat cold color
    comfort cook cough count cover cramp crew cure cycle date depart digest dose draw dress drink drive drop drug dust
    ear earth ease eat edge end engage enter face fact fail faint farm fast fear feed feel fever fiber field fill film
    finger fit flesh float flow fluid focus fold follow food foot form frame fresh gain garden gas gene gland grain
    grip ground group grow guard guide hair hand harm head heal hear heart heat help herb hold home hope host hour
    house hurt insert itch jaw join joint judge jump keep kidney knee land lead learn leg lens lift limb line link
    list liver load lock lung mark match meal measure meet mend mind mix model mood mouth move muscle nail name neck
    need nerve nest night note nurse order organ pack pain pair palm part pass patch pause perform pill plant play
    point press print prove pulse pump rash reach react relate relax relieve rest rinse rise room root rule scale scan
    scar scrub seal seat seed sense serve shade shake shape share shield shift shock shoulder sign sit skin sleep
    smell smoke soap soft solve sore sound spine split spoon spot spread stain stand start steam step stitch stomach
    store strain stream stress stretch strip suffer sugar support surface sweat swell swim tablet talk taste tear tend
    tense test throat thumb tie tissue tongue tooth touch trace track train travel trust tube turn use vein voice wait
    walk wash water weigh wheel wind wipe wound wrap wrist yield"""
_PREFIXES = """un re over out under fore mis sub inter non pre anti self counter"""
_ENDINGS = """s ed ing er ers able ness less ful ment ly al ity ive ish like wise ation ous"""
STEMS, PREFIXES, ENDINGS = _STEMS.split(), _PREFIXES.split(), _ENDINGS.split()
FREQUENT = """the of and to in a is that for it as was with be by on not he his but at are this have from or had an they
    which one you were her all she there would their we him been has when who will no more if out so said what up its
    about into than them can only other new some could time these two may then do first any my now such like our over
    me even most made after also did many before must through back years where much your way well down should because
    each just those people how too little state good very make world still own see men work long get here between both
    life being under never day same another know while last might us great old year off come since against go came
    right used take three doctor patient treatment plan records insurance cost visit test results week days"""
COMMON = FREQUENT.split()
FIGURES = (
    "About {n} percent of patients changed their minds on {subject} within a year.",
    "A visit for {subject} usually costs between ${n} and ${m}.",
    "In a study of {m} people, 1 in {k} had {subject}.",
    "Nearly {n}% had {subject}, compared with {k}% of the others.",
)
ASKED = (
    "What is",
    "How do you treat",
    "Can I work with",
    "Why do people get",
    "How long does it take to get over",
    "How much does it cost to treat",
    "When should I see a doctor about",
    "Does insurance cover",
    "Who gets",
    "Is it safe to fly with",
    "What are the first signs of",
    "How can I prevent",
)
FURNITURE = ("Back to top", "Was this helpful? Yes No", "Share this page", "Related questions")


class Language:
    """Words, subjects and sentences of one seed."""

    def __init__(self, draw: random.Random, words: int = 30_000) -> None:
        self.rare = sorted((_rare_word(draw) for _ in range(words)), key=len)  # short words are frequent
        self.words = COMMON + self.rare
        self.weights = list(_running(1 / (rank + 3) for rank in range(len(self.words))))

    def subject(self, draw: random.Random) -> str:
        """Two or three rare words; of a million such subjects, one in a thousand has been drawn before."""
        return " ".join(draw.choices(self.rare, k=draw.randint(2, 3)))

    def sentence(self, draw: random.Random) -> str:
        if draw.random() < 0.06:
            low = draw.randint(2, 60)
            return draw.choice(FIGURES).format(
                n=low, m=low * draw.randint(2, 9), k=draw.randint(3, 40), subject=self.subject(draw)
            )
        words = draw.choices(self.words, cum_weights=self.weights, k=draw.randint(7, 24))
        return " ".join(words).capitalize() + "."

    def answer(self, draw: random.Random) -> str:
        sentences = [self.sentence(draw) for _ in range(draw.randint(1, 9))]
        shape = draw.random()
        if shape < 0.04:
            return "\n".join(f"- {sentence} ..." for sentence in sentences)
        if shape < 0.07:
            return "Making sense of it" + "".join(sentences)
        if shape < 0.11:
            return " ".join(sentences)[:-9] + " ..."
        return " ".join(sentences)

    def question(self, draw: random.Random) -> str:
        return f"{draw.choice(ASKED)} {self.subject(draw)}?"


def _rare_word(draw: random.Random) -> str:
    prefix = draw.choice(PREFIXES) if draw.random() < 0.5 else ""
    return prefix + draw.choice(STEMS) + "".join(draw.sample(ENDINGS, draw.choice((0, 1, 1, 2))))


def _running(values: Iterator[float]) -> Iterator[float]:
    total = 0.0
    for value in values:
        total += value
        yield total


def _again(draw: random.Random, answer: str) -> str:
    """An answer as another page repeats it: as it is, cut short, or with a changed word."""
    shape = draw.random()
    if shape < 0.5:
        return answer
    if shape < 0.8:
        return answer[: max(30, len(answer) * 2 // 3)].rstrip() + " ..."
    words = answer.split(" ")
    words[draw.randrange(len(words))] = draw.choice(COMMON)
    return " ".join(words)


def pairs(seed: int) -> Iterator[str]:
    """An endless sequence of questions with their answers; the same seed gives the same ones."""
    draw = random.Random(seed)
    language = Language(draw)
    known: list[tuple[str, str]] = []
    while True:
        question, answer = language.question(draw), ""
        if known and draw.random() < 1 / 6:
            question = draw.choice(known)[0]
        if known and draw.random() < 1 / 8:
            answer = _again(draw, draw.choice(known)[1])
        elif draw.random() > 0.03:
            answer = language.answer(draw)
        if answer:
            if len(known) == BLOCK:
                known.pop(draw.randrange(BLOCK))
            known.append((question, answer))
        end = f"{draw.choice(FURNITURE)}\n" if draw.random() < 0.04 else ""
        yield f"{question}\n{answer}\n{end}" if answer else f"{question}\n"


def page_texts(pages: int, seed: int = 7) -> Iterator[str]:
    """The texts of this many small pages."""
    source = pairs(seed)
    for _ in range(pages):
        yield "".join(next(source) for _ in range(PAIRS))


def write_pages(folder: Path, pages: int, seed: int = 7) -> None:
    """Write a folder of small pages, `0000/000000.txt` and so on."""
    for number, text in enumerate(page_texts(pages, seed)):
        path = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


def write_crawl(folder: Path, pages: int, seed: int = 7) -> None:
    """Write small pages of which most answers are on several: three of four pairs were on an earlier page."""
    source, draw = pairs(seed), random.Random(seed)
    known: list[str] = []
    for number in range(pages):
        texts = []
        for _ in range(PAIRS):
            if known and draw.random() < 0.75:
                texts.append(draw.choice(known))
                continue
            texts.append(next(source))
            if len(known) == BLOCK:
                known.pop(draw.randrange(BLOCK))
            known.append(texts[-1])
        path = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(texts), "utf-8")


def write_records(path: Path, pages: int, seed: int = 7) -> None:
    """Write the same pages as the records of one file of JSON lines, as crawlers do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        for number, text in enumerate(page_texts(pages, seed)):
            record = {"url": f"https://clinic{number % 50}.example.org/faq/{number}", "text": text}
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def write_same(folder: Path, pages: int, seed: int = 7) -> None:
    """Write small pages that all give the same answer to different questions, like a chain of clinics."""
    draw = random.Random(seed)
    language = Language(draw)
    answer = " ".join(language.sentence(draw) for _ in range(5))
    for number in range(pages):
        path = folder / f"{number // 1000:04}" / f"{number:07}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{language.question(draw)[:-1]} of clinic {number}?\n{answer}\n", "utf-8")


def write_file(path: Path, megabytes: float, seed: int = 7) -> None:
    """Write one page of this many megabytes."""
    source, left = pairs(seed), megabytes * 1_000_000
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as file:
        while left > 0:
            left -= file.write(next(source))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("path", type=Path)
    size = parser.add_mutually_exclusive_group(required=True)
    size.add_argument("--pages", type=int)
    size.add_argument("--records", type=int)
    size.add_argument("--crawl", type=int)
    size.add_argument("--mb", type=float)
    options = parser.parse_args()
    if options.pages:
        write_pages(options.path, options.pages)
    elif options.records:
        write_records(options.path, options.records)
    elif options.crawl:
        write_crawl(options.path, options.crawl)
    else:
        write_file(options.path, options.mb)


if __name__ == "__main__":
    main()
