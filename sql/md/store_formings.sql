create or replace function md.store_formings(
    p_report md.ingests,
    p_rows   md.judged_bar[]
)
returns void
language sql
volatile
set search_path = pg_catalog, pg_temp
as $function$
    insert into md.formings (feed, symbol, timeframe, bar_end_at, heard_at)
    select p_report.feed, r.symbol, p_report.timeframe, max(r.bar_end_at), p_report.ingested_at
      from unnest(p_rows) as r
     where r.verdict = 'INCOMPLETE'
     group by r.symbol
     order by r.symbol collate "C"
    on conflict (symbol, timeframe, feed) do update
       set bar_end_at = greatest(formings.bar_end_at, excluded.bar_end_at),
           heard_at   = greatest(formings.heard_at, excluded.heard_at);
$function$;

comment on function md.store_formings(md.ingests, md.judged_bar[]) is
$$Keeps the last bar that a feed called unfinished, for each symbol.
Why: one that is still unfinished when it is due says that the feed is wrong, not late.$$;
