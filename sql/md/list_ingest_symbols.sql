create or replace function md.list_ingest_symbols(
    p_ingest_id   uuid,
    p_outlier_bps integer
)
returns table (
    symbol        text,
    bars_ok       bigint,
    bars_rejected bigint,
    bars_skipped  bigint,
    gaps          bigint,
    outliers      bigint,
    disagreements bigint,
    is_monotonic  boolean,
    out_of_order  bigint,
    zero_volumes  bigint,
    earliest      text,
    latest        text,
    verdicts      jsonb
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with gaps as (select g.symbol, count(*) as n from md.list_ingest_gaps(p_ingest_id) as g group by 1),
    jumps as (
        select j.symbol, count(*) as n
          from md.list_ingest_jumps(p_ingest_id, p_outlier_bps) as j group by 1
    ),
    others as (
        select d.symbol, count(*) as n
          from md.list_ingest_disagreements(p_ingest_id) as d group by 1
    )
    select c.symbol, coalesce(v.ok, 0), coalesce(v.rejected, 0), coalesce(v.skipped, 0),
           coalesce(gaps.n, 0), coalesce(jumps.n, 0), coalesce(others.n, 0), c.out_of_order = 0,
           c.out_of_order, c.zero_volumes, core.format_iso(c.first_bar_end_at),
           core.format_iso(c.last_bar_end_at), c.verdicts
      from md.coverages as c
      cross join lateral (
        select sum(e.value::bigint) filter (where e.key in ('NEW', 'KNOWN')) as ok,
               sum(e.value::bigint) filter (where md.is_rejected(e.key)) as rejected,
               sum(e.value::bigint) filter (where e.key not in ('NEW', 'KNOWN')
                                              and not md.is_rejected(e.key)) as skipped
          from jsonb_each_text(c.verdicts) as e) as v
      left join gaps using (symbol)
      left join jumps using (symbol)
      left join others using (symbol)
     where c.ingest_id = p_ingest_id
     order by c.symbol collate "C";
$function$;

comment on function md.list_ingest_symbols(uuid, integer) is
$$What an ingest brought for each symbol: good, refused and passed-over rows by verdict, gaps in exchange
slots, jumps beyond p_outlier_bps, disagreement with other feeds, order, volume, range.$$;
