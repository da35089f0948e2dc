"""Topic tags: the taxonomy's own examples, the source document, and the laws of tagging."""

from pipeline.topics import lint_taxonomy


def test_the_taxonomy_keeps_its_own_examples():
    assert lint_taxonomy() == []
