create or replace function md.list_formings(
    p_run_id uuid,
    p_now_at timestamptz
)
returns table (
    feed       text,
    symbol     text,
    session_on date,
    bar_end_at timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    select f.feed, w.symbol, s.session_on, f.bar_end_at
      from md.policies as p
      cross join lateral md.list_windows(
           p.run_id, p_now_at - p.stale_after_ms * interval '1 ms') as w
      join ref.instruments as i on i.symbol = w.symbol
      join md.formings as f on f.symbol = w.symbol and f.timeframe = w.timeframe and f.feed = p.feed
      cross join lateral (
           select e.session_on from ref.sessions as e
            where e.exchange_id = i.exchange_id and e.closes_at >= f.bar_end_at
            order by e.closes_at limit 1) as s
     where p.run_id = p_run_id
       and f.bar_end_at between w.from_at and p_now_at - p.stale_after_ms * interval '1 ms'
       and not exists (
        select from md.bars as b
         where b.symbol = w.symbol and b.timeframe = w.timeframe and b.bar_end_at = f.bar_end_at)
     order by w.symbol collate "C";
$function$;

comment on function md.list_formings(uuid, timestamptz) is
$$The bars in a run's window that are due and that its feed still called unfinished when it was heard
last.$$;
