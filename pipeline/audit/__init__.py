"""The review page of `qaledger audit`: people decide on related questions and answers, and a run applies it.

decision_log  reads and extends decisions.jsonl
review_queue  groups the related pairs of a published generation; filters selects, sorts and pages them
text_diff     marks the words that two texts have in common
preview       computes what the next run would do with the decisions
web           the page; security restricts access; serve starts the server
spreadsheet   the same review in a spreadsheet; redirects: lists for a site's editors
agreement     progress, agreement between reviewers, and how often the rules were right
"""
