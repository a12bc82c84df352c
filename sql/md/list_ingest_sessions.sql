create or replace function md.list_ingest_sessions(
    p_ingest_id uuid
)
returns table (
    symbol       text,
    session_on   date,
    bars         bigint,
    slots        bigint,
    close_micros bigint
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with b as materialized (
        select b.symbol, b.session_on, count(*) as bars,
               (array_agg(b.close_micros order by b.bar_end_at desc))[1] as close_micros
          from md.list_ingest_bars(p_ingest_id) as b
         group by b.symbol, b.session_on
    ),
    missing as (
        select g.symbol, g.session_on, count(*) as slots
          from md.list_ingest_gaps(p_ingest_id) as g
         group by g.symbol, g.session_on
    )
    select symbol, session_on, coalesce(b.bars, 0), coalesce(b.bars, 0) + coalesce(m.slots, 0),
           b.close_micros
      from b
      full join missing as m using (symbol, session_on)
     order by symbol collate "C", session_on;
$function$;

comment on function md.list_ingest_sessions(uuid) is
$$How many of the slots of each session an ingest's symbols had a bar for, and the last close: what coverage
and prices are drawn from.$$;
