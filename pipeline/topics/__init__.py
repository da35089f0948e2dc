"""Topics: a taxonomy that people edit, tags with the words that earned them, and what helps to edit it.

`tagging` finds the topics of a row or a table, `taxonomy` reads `topics.toml`, `lint` and `preview` check a taxonomy
on the published rows, `refresh/tag.py` applies another one to them.
"""

from pipeline.topics.tagging import TopicTag, tag_table, tag_topics, topic_table

__all__ = ["TopicTag", "tag_table", "tag_topics", "topic_table"]
