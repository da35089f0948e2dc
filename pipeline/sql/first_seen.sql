-- When what is now a row of qa was first published: the earliest of the rows that live on in it.
-- Takes links (old_id, new_id) and born (qa_id, first_seen_at of the earlier rows).
select new_id as qa_id, min(first_seen_at) as first_seen_at
from links join born on born.qa_id = old_id
group by new_id
