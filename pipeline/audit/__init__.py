"""`qaledger audit`: what repeats, laid out for people to decide on, and what they decided.

book      decisions.jsonl as it stands: what is decided, what follows from it, what was taken back
desk      a published generation laid out as groups of pairs, counted and paged in SQL
wordings  which words two texts have in common
preview   what the next run would make of the decisions
web       the page; guard keeps others out; serve starts it
sheet     the same work in a spreadsheet; redirects: lists for a site's editors
measures  how far the work is, how well people and rules agree
"""
