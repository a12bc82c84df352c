create or replace function ref.list_changed_listings(
    p_rows jsonb
)
returns table (
    symbol text
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select i.symbol
      from jsonb_to_recordset(p_rows) as r (symbol text, exchange_id text)
      join ref.instruments as i on i.symbol = r.symbol
     where i.exchange_id <> r.exchange_id
     union
    select n.symbol
      from ref.parse_listings(p_rows) as n
      join lateral (
        select max(l.effective_on) as last_on from ref.listings as l where l.symbol = n.symbol) as s
        on s.last_on >= n.effective_on
     where not exists (
        select from ref.listings as l
         where (l.symbol, l.effective_on, l.is_listed) = (n.symbol, n.effective_on, n.is_listed)
           and (l.instrument_kind, l.name, l.formerly)
               is not distinct from (n.instrument_kind, n.name, n.formerly))
     order by 1;
$function$;

comment on function ref.list_changed_listings(jsonb) is
$$The names of an instruments file of which it says something else than what is stored, or something new
about the time before the last stored fact.$$;
