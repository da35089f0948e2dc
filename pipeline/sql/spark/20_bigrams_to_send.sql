-- grain: one row per answer of a file and bigram of its signature
-- reads: answers
-- makes: bigrams_to_send
-- Of a bigram that occurs in too many answers of the file to be a blocking key, one row more than a blocking key may have
-- is sent: enough to see that. So no worker gets all answers that have a very frequent bigram.
create or replace temp view bigrams_to_send as
select number, bigram, rank::uinteger as rank, bigram % getvariable('files') as bucket
from (select number, unnest(bigrams) as bigram, generate_subscripts(bigrams, 1) as rank from answers)
qualify row_number() over (partition by bigram) <= getvariable('largest_document_frequency') + 1
