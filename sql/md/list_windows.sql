create or replace function md.list_windows(
    p_run_id uuid,
    p_due_at timestamptz
)
returns table (
    symbol    text,
    timeframe text,
    from_on   date,
    from_at   timestamptz
)
language sql
stable
set search_path = pg_catalog, pg_temp
as $function$
    with places as (
        select distinct i.exchange_id
          from run.universe as u
          join ref.instruments as i using (symbol)
         where u.run_id = p_run_id
    ),
    windows as materialized (
        select e.exchange_id, p.timeframe, w.from_on, f.from_at
          from md.policies as p
          join ref.timeframes as t using (timeframe)
          cross join places as e
          cross join lateral (
            select min(s.session_on) as from_on
              from (select s.session_on from ref.sessions as s
                     where s.exchange_id = e.exchange_id and s.opens_at < p_due_at
                     order by s.session_on desc
                     limit 1 + coalesce(ceil(p.gap_window_bars * extract(epoch from t.bar_length) / 10800),
                                        p.gap_window_bars)) as s) as w
          cross join lateral (
            select min(n.ends_at) as from_at
              from (select n.ends_at
                      from ref.list_slots(e.exchange_id, p.timeframe, w.from_on,
                                          (p_due_at + interval '1 day')::date) as n
                     where n.ends_at <= p_due_at
                     order by n.ends_at desc
                     limit p.gap_window_bars) as n) as f
         where p.run_id = p_run_id
    )
    select u.symbol, w.timeframe, w.from_on, w.from_at
      from run.universe as u
      join ref.instruments as i using (symbol)
      join windows as w using (exchange_id)
     where u.run_id = p_run_id;
$function$;

comment on function md.list_windows(uuid, timestamptz) is
$$Where the window of a run's data begins for each of its symbols: the session, and the end of the first of
the last gap_window_bars slots that had ended at p_due_at.
Looks back over enough sessions: none is shorter than three hours.$$;
