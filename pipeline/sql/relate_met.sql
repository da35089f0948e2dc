-- By which phrases the near copies that were found find each other. Takes to_compare.
insert into kept.met
select a_hash, b_hash, needed, unnest(met) as phrase
from to_compare semi join (from kept.relations where kind in ('near_pair', 'near_conflict')) using (a_hash, b_hash)
