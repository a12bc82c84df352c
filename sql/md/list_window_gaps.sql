create or replace function md.list_window_gaps(
    p_run_id uuid,
    p_due_at timestamptz
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
    select w.symbol, g.session_on, g.bar_end_at
      from md.list_windows(p_run_id, p_due_at) as w
      cross join lateral md.list_gaps(w.symbol, w.timeframe, w.from_on, p_due_at) as g
     where g.bar_end_at >= w.from_at
     order by w.symbol collate "C", g.bar_end_at;
$function$;

comment on function md.list_window_gaps(uuid, timestamptz) is
$$The bars that a run's symbols lack among the last gap_window_bars slots that had ended at p_due_at.$$;
