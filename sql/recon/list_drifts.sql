create or replace function recon.list_drifts(
    p_document jsonb,
    p_books    jsonb,
    p_policy   recon.tolerances
)
returns table (
    drift_kind text,
    drift_key  text,
    ours       text,
    theirs     text,
    is_young   boolean
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select distinct on (d.drift_kind, d.drift_key) d.*
      from (select * from recon.list_row_drifts(p_document)
             union all
            select * from recon.list_order_drifts(p_document, p_books, p_policy.foreign_orders)
             union all
            select * from recon.list_field_drifts(p_document, p_books)
             union all
            select * from recon.list_money_drifts(p_document, p_books, p_policy)) as d
     where p_document ->> 'account_id' = p_books ->> 'account_id'
     union all
    select 'OTHER_ACCOUNT', 'account', p_books ->> 'account_id',
           left(p_document ->> 'account_id', 100), false
     where p_document ->> 'account_id' <> p_books ->> 'account_id'
     order by 1, 2, 3, 4;
$function$;

comment on function recon.list_drifts(jsonb, jsonb, recon.tolerances) is
$$Every difference between a snapshot and our books, in a fixed order. Of another account's snapshot
only that is said.
Why: it reads its arguments and closed lists, no books, so the same documents give the same answer.$$;
