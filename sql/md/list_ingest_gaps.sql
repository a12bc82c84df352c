create or replace function md.list_ingest_gaps(
    p_ingest_id uuid
)
returns table (
    symbol     text,
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as materialized (
        select b.symbol, b.bar_end_at from md.list_ingest_bars(p_ingest_id) as b
    )
    select c.symbol, s.session_on, s.ends_at
      from md.ingests as g
      join md.coverages as c using (ingest_id)
      join ref.instruments as i on i.symbol = c.symbol
      join ref.list_periods() as p on p.symbol = c.symbol and p.is_listed
      cross join lateral ref.list_slots(
           i.exchange_id, g.timeframe, (c.first_bar_end_at - interval '1 day')::date,
           (c.last_bar_end_at + interval '1 day')::date) as s
     where g.ingest_id = p_ingest_id
       and s.session_on >= p.listed_on
       and s.session_on < p.delisted_on
       and s.ends_at between c.first_bar_end_at and c.last_bar_end_at
       and (c.symbol, s.ends_at) not in (select b.symbol, b.bar_end_at from b)
     order by c.symbol collate "C", s.ends_at;
$function$;

comment on function md.list_ingest_gaps(uuid) is
$$The slots between the first and the last good bar of each symbol of an ingest for which nothing was stored
when it had been taken in. Holidays and the hours after an early close are none.$$;
