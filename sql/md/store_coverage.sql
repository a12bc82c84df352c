create or replace function md.store_coverage(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    with judged as (
        select coalesce(r.symbol, '') as symbol, r.verdict, r.bar_end_at, r.volume,
               r.verdict in ('NEW', 'KNOWN') as is_good,
               r.bar_end_at < max(r.bar_end_at) over (
                   partition by r.symbol order by r.line_no
                   rows between unbounded preceding and 1 preceding) as is_late
          from unnest(p_rows) as r
    ),
    counted as (
        select j.symbol, j.verdict, count(*) as n,
               count(*) filter (where j.is_good and j.is_late) as late,
               count(*) filter (where j.is_good and j.volume = 0) as zero,
               min(j.bar_end_at) filter (where j.is_good) as first_at,
               max(j.bar_end_at) filter (where j.is_good) as last_at
          from judged as j
         group by j.symbol, j.verdict
    )
    insert into md.coverages (
        ingest_id, symbol, verdicts, out_of_order, zero_volumes, first_bar_end_at, last_bar_end_at)
    select p_report.ingest_id, c.symbol, jsonb_object_agg(c.verdict, c.n), sum(c.late), sum(c.zero),
           min(c.first_at), max(c.last_at)
      from counted as c
     group by c.symbol
     order by c.symbol collate "C";
$function$;

comment on function md.store_coverage(md.ingests, md.judged_bar[]) is
$$Counts what became of the rows of each symbol of a batch.
Why: most rows leave nothing else behind (known, doubled, unfinished ones), and a report must say the same
for ever.$$;
