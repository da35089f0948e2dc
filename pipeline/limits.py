"""Defines every bound that more than one module or SQL file uses, with its measurement.

SQL files read them as variables of the connection (`getvariable('largest_group')`).
"""

# ---------------------------------------------------------------- reading and parsing

# Reading and parsing a document takes 13 times its size in memory (the source document 250 times over, 5 MB: 63 MB), so
# about 3.4 GB at this limit.
MAX_DOCUMENT_BYTES = 256 * 2**20
MAX_UNPACKED_BYTES = 64 * 2**30  # of one packed file; a WARC file of Common Crawl has about 5 GB
SAMPLE_CHARACTERS = 60  # of a record that was rejected

# Measured on 400 rendered development pages and 300 more with other markers and layouts: pairs not read exactly.
MANY_LINES = 3  # lines that make a habit of a page; 36 pairs lost, with 4: 61, with 5: 74, with 2: 34 but by chance
MOST_LINES = 0.5  # share of the lines that a habit covers; 0.3: alike, 0.7: 3 more pairs lost
LONG_TITLE = 160  # characters; the longest question without "?" of the development pages has 92
SHORT_PART = 60  # characters of a line that is furniture only because it is repeated; 40 to 80 alike

# Pages repeat the answers of others, so what cleaning and reading figures gave for the last answers is remembered. Of
# 13,504 answers on pages that repeat (`benchmarks/corpus.py --crawl`) 76 % were among the last 4,096 different ones of
# up to so many characters. They take 13 MB; if all had the full length and were full of figures, 140 MB.
REMEMBERED_ANSWERS = 4096
LONGEST_REMEMBERED = 1_000

# ---------------------------------------------------------------- figures

LONGEST_BOUND_PHRASE = 5  # words of the longest phrase in [before] and [after] of lexicon.toml: "at the very least"
PHRASE_REACH = 16  # tokens of the longest measure, population or source; what is longer is cut there
CLAUSE_REACH = 60  # tokens left of a figure in which its clause begins; bounds the work on text without punctuation

# ---------------------------------------------------------------- ingest

# Bytes and documents of a batch: 4 MB of text take about 60 MB as Python rows and 19 MB as Arrow. To check that
# the rows fit their schemas takes 27 ms for 256 documents of 3 kB, and 50 ms for 2,000.
BATCH_BYTES = 4_000_000
BATCH_FILES = 2_000
MOST_WORKERS = 256  # processes of a run; each takes about 100 MB
# Objects allocated between two searches for garbage in cycles, of which a run over 8 MB creates 11,000: with Python's
# 700, a first run takes 5 to 10 % more processor time, with 100,000 1 % more.
GC_THRESHOLD = 1_000_000

# ---------------------------------------------------------------- duplicates

# Members of a group that shares an answer or a question, up to which every pair is listed; in a larger group each
# member is paired with the representative alone (contract, table duplicates).
LARGEST_GROUP = 200
# Answers in which a bigram or a sentence may occur; what occurs in more is no blocking key. It keeps the work on one
# frequent bigram linear; 200 found no further copy among the labelled answers.
LARGEST_DOCUMENT_FREQUENCY = 60
# Answers with one rarest shingle in common that are searched for a contained answer, the longest first; an answer that
# is in none of 2,000 is mere boilerplate.
LARGEST_SEARCH = 2_000
SHINGLE_WORDS = 5  # guidelines, section 4: a contained answer is at least 5 words long
SENTENCE_WORDS = 8  # guidelines, section 4: an overlap is a whole sentence of 8 or more words
# Bigrams by which an answer searches for others, and how many of its own and of the other's searching bigrams the two
# must share: 2 where the shorter answer has up to 12 words, else 4. Of 6,000 generated near copies (words misspelt,
# replaced or left out, passages left out) 5,689 are longer than 12 words. None of these is lost, nor with 8 searching
# bigrams; 16 leave room for frequent ones. Of the 311 short ones 1 is lost; with 4 shared bigrams, 6.
SEARCHING_BIGRAMS = 16
SHORT_ANSWER_WORDS = 12
SHARED_BIGRAMS_IF_SHORT = 2
SHARED_BIGRAMS = 4
# Two answers to one question are compared whatever they share, if one has up to so many words: with several spelling
# variants in a sentence no bigram is left. On 200 pages about health this finds 4 pairs more, in no more time.
SHORT_ANSWER_WORDS_OF_ONE_QUESTION = 40
# Of the bigrams by which both answers can be found, the share that the two have in common: the 5,689 have .59 or more.
# That of a short answer to another question: of 25,000 candidate pairs of health pages 15,000 have less than .3, and 9
# of these are related; of 3,600 with .3 to .4 32 are.
SMALLEST_BIGRAM_OVERLAP = 0.5
SMALLEST_BIGRAM_OVERLAP_IF_SHORT = 0.35
# A thing in this share of all questions, and in at least so many, is what the corpus is about: it goes without saying.
# On 12 sets of 40 to 90 questions .15 finds 6 of 100 paraphrases more than without such a rule, and no more wrong
# pairs; .12 takes "renew my card" and "renew a book" for the same. Acts, people, illnesses and procedures need more.
SHARE_OF_THING = 0.15
SHARE_OF_OTHER_SUBJECT = 0.25
SHARE_OF_DOMINANT_SUBJECT = 0.6  # of the questions: behind "for" and "if", too, it goes without saying
LEAST_SUBJECT = 5
MODEL_SCORE = 0.9  # of a pair of questions that a model proposes; 0.95 is the score of one that the words prove
# Texts or pairs from which on worker processes are started; below it, starting them costs as much as they save.
ROWS_WORTH_A_POOL = 20_000

# ---------------------------------------------------------------- storage and generations

KEEP = 3  # generations: the published one, and two to roll back to
KEEP_RUNS = 1000  # runs in `runs`, `changes` and the journal: nightly runs of more than two years
